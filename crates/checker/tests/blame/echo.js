// An echo server of a few lines, in a language with a garbage collector. HOST PORT
const net = require('net');
const [host, port] = process.argv.slice(2);
const echo = (socket) => socket.on('error', () => socket.destroy()).pipe(socket);
net.createServer({ allowHalfOpen: true }, echo).listen(Number(port), host);
