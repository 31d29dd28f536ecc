// Echoes one client (`echo.js server`), or is one (`echo.js HOST PORT`).
const net = require("net");

const [host, port] = process.argv.slice(2);
if (host === "server") {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    server.close();
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
} else {
  const message = "from node ".repeat(1000);
  let answer = "";
  const socket = net.connect(Number(port), host);
  socket.setEncoding("utf8");
  socket.on("data", (data) => (answer += data));
  socket.on("end", () => console.log(answer === message, answer.length));
  socket.end(message);
}
