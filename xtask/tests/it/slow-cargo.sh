#!/bin/sh
# Stands in for a cargo that has much to compile.
echo "compiling for ever" >&2
exec sleep 60
