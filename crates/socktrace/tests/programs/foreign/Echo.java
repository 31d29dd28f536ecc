import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Echoes one client (`Echo server`), or is one (`Echo HOST PORT`). */
public class Echo {
    public static void main(String[] words) throws IOException {
        if (words[0].equals("server")) {
            InetAddress here = InetAddress.getByName("127.0.0.1");
            try (ServerSocket listener = new ServerSocket(0, 5, here); Socket client = listener.accept()) {
                client.getInputStream().transferTo(client.getOutputStream());
            }
            return;
        }
        try (Socket server = new Socket(words[0], Integer.parseInt(words[1]))) {
            byte[] message = "from Java ".repeat(1000).getBytes(StandardCharsets.UTF_8);
            server.getOutputStream().write(message);
            server.shutdownOutput();
            byte[] answer = server.getInputStream().readAllBytes();
            System.out.println(answer.length + " bytes came back");
        }
    }
}
