# COMMAND...: starts as slowly as a virtual machine on a busy computer.
sleep 3
exec "$@"
