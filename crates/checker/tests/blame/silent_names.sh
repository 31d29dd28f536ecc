# COMMAND...: run where the name server takes questions and never answers. To be
# started in a network and a mount namespace of its own.
ip link set lo up || exit 1
folder=$(mktemp -d)
mkfifo "$folder/ready"
python3 -c '
import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.53", 53))
open(sys.argv[1], "w").close()
time.sleep(600)' "$folder/ready" &
silent=$!
read -r _ < "$folder/ready"
echo nameserver 127.0.0.53 > "$folder/resolv.conf"
mount --bind "$folder/resolv.conf" /etc/resolv.conf || exit 1
"$@"
status=$?
kill $silent
umount /etc/resolv.conf
rm -r "$folder"
exit $status
