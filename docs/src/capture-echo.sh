# One echo, as packets. It wants a network of its own, and the right to look into it:
#   unshare --map-user=1000 --map-group=1000 --keep-caps --net sh docs/src/capture-echo.sh
ip link set lo up
log=$(mktemp)
trap 'rm -f "$log"' EXIT
timeout 5 tcpdump -i lo -c 10 -l -n -t tcp port 65432 2>"$log" |
    sed -E 's/\], .* length/], length/' &
until grep -q listening "$log"; do sleep 0.1; done
timeout 5 target/debug/echo-server 127.0.0.1 65432 | {
    read -r ready
    timeout 5 target/debug/echo-client 127.0.0.1 65432 >"$log"
}
wait
