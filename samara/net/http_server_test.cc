#include "samara/net/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "samara/base/unique_fd.h"
#include "samara/net/sse.h"

namespace samara {
namespace {

using std::chrono::milliseconds;

/// A server that runs while the object lives.
class RunningServer {
 public:
  explicit RunningServer(HttpServer::Handler handler, HttpServerOptions options = {}) {
    auto bound = HttpServer::bind(options, std::move(handler), [](int status) {
      HttpResponse response;
      response.status = status;
      response.body = "refused " + std::to_string(status);
      return response;
    });
    SAMARA_CHECK(bound.ok());
    server_ = std::move(*bound);
    thread_ = std::thread([this] { server_->run(); });
  }
  ~RunningServer() {
    server_->stop();
    thread_.join();
  }
  int port() const { return server_->port(); }

 private:
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

UniqueFd connect_to(int port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval timeout{20, 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  return fd;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the server may refuse before it has read everything
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// What comes until the server closes or `until` is there.
std::string receive(int fd, std::string_view until = {}) {
  std::string bytes;
  char buffer[4096];
  while (until.empty() || bytes.find(until) == std::string::npos) {
    const ssize_t size = recv(fd, buffer, sizeof(buffer), 0);
    if (size <= 0) break;
    bytes.append(buffer, static_cast<std::size_t>(size));
  }
  return bytes;
}

std::string exchange(int port, std::string_view request) {
  const UniqueFd fd = connect_to(port);
  send_all(fd.get(), request);
  return receive(fd.get());
}

HttpResponse echo(const HttpRequest& request) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = request.method + " " + request.path + " [" + request.body + "] " +
                  std::string(request.header("x-word"));
  return response;
}

TEST(HttpServerTest, HandlersSeeMethodPathHeadersAndBody) {
  const RunningServer server(echo);
  const std::string got =
      exchange(server.port(),
               "POST /a/b%20c?q=1 HTTP/1.1\r\nHost: x\r\nX-Word: yes\r\nConnection: close\r\n"
               "Content-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 200")) << got;
  EXPECT_NE(got.find("POST /a/b c [hello] yes"), std::string::npos) << got;
  for (const std::string method : {"GET", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const std::string answer = exchange(
        server.port(), method + " /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    EXPECT_NE(answer.find(method + " /x []"), std::string::npos) << answer;
  }
}

TEST(HttpServerTest, ChunkedRequestsArrive) {
  const RunningServer server(echo);
  EXPECT_NE(exchange(server.port(),
                     "POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                .find("[abcde]"),
            std::string::npos);
}

TEST(HttpServerTest, APostWithoutLengthHasNoBodyAndDoesNotHang) {
  const RunningServer server(echo);
  EXPECT_NE(
      exchange(server.port(), "POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").find("POST /x []"),
      std::string::npos);
}

TEST(HttpServerTest, LargeBodiesAreRefusedHoweverTheyCome) {
  HttpServerOptions options;
  options.max_body_bytes = 100;
  const RunningServer server(echo, options);
  const std::string head = "POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
  EXPECT_NE(exchange(server.port(), head + "Content-Length: 101\r\n\r\n" + std::string(101, 'x'))
                .find("refused 413"),
            std::string::npos);
  EXPECT_NE(
      exchange(server.port(), head + "Content-Length: 100\r\n\r\n" + std::string(100, 'x')).find(" 200 "),
      std::string::npos);
  EXPECT_NE(exchange(server.port(), head + "Transfer-Encoding: chunked\r\n\r\n80\r\n" +
                                        std::string(0x80, 'x') + "\r\n0\r\n\r\n")
                .find("refused 413"),
            std::string::npos);
}

TEST(HttpServerTest, MalformedRequestsAreRefusedAndTheServerLives) {
  HttpServerOptions options;
  options.idle_seconds = 1;
  const RunningServer server(echo, options);
  for (const std::string request :
       {"nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "BREW /pot HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
        "POST / HTTP/1.1\r\nContent-Type: multipart/form-data\r\nContent-Length: 2\r\nConnection: "
        "close\r\n\r\nab",
        "GET /%zz%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}) {
    const UniqueFd fd = connect_to(server.port());
    send_all(fd.get(), request);
    shutdown(fd.get(), SHUT_WR);
    receive(fd.get());
  }
  const std::string long_path = "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n";
  exchange(server.port(), long_path);
  EXPECT_NE(
      exchange(server.port(), "GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").find("GET /ok"),
      std::string::npos);
}

TEST(HttpServerTest, ARequestThatNeverEndsIsRefusedHoweverItDrips) {
  HttpServerOptions options;
  options.request_seconds = 1;
  const RunningServer server(echo, options);
  const std::string lines = "POST /x HTTP/1.1\r\nHost: x\r\n", length = "Content-Length: 1000\r\n\r\n";
  const std::pair<std::string, char> begun[] = {{"GE", 'T'}, {lines, 'h'}, {lines + length, 'b'}};
  for (const auto& [beginning, drop] : begun) {
    const UniqueFd fd = connect_to(server.port());
    send_all(fd.get(), beginning);
    char first = 0;
    for (int i = 0; i < 200 && recv(fd.get(), &first, 1, MSG_PEEK | MSG_DONTWAIT) < 0; ++i) {
      std::this_thread::sleep_for(milliseconds(20));
      send_all(fd.get(), std::string_view(&drop, 1));
    }
    EXPECT_EQ(first, 'H') << "it waits for more still, after: " << beginning;
    if (first != 'H') continue;
    const std::string got = receive(fd.get());
    EXPECT_TRUE(got.starts_with("HTTP/1.1 408")) << got;
    EXPECT_NE(got.find("refused 408"), std::string::npos) << got;
  }
  EXPECT_NE(
      exchange(server.port(), "GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").find("GET /ok"),
      std::string::npos);
}

TEST(HttpServerTest, AHeadWithoutEndIsRefused) {
  HttpServerOptions options;
  options.max_body_bytes = 1000;
  const RunningServer server(echo, options);
  const UniqueFd fd = connect_to(server.port());
  send_all(fd.get(), "GET / HTTP/1.1\r\n");
  char first = 0;
  const std::string more = "X-More: " + std::string(1000, 'x') + "\r\n";
  for (int i = 0; i < 50'000 && recv(fd.get(), &first, 1, MSG_PEEK | MSG_DONTWAIT) < 0; ++i) {
    send_all(fd.get(), more);
  }
  EXPECT_EQ(first, 'H');
}

TEST(HttpServerTest, AReaderThatIsTooSlowLosesTheRest) {
  HttpServerOptions options;
  options.request_seconds = 1;
  std::atomic<bool> lost{false};
  const RunningServer server(
      [&](const HttpRequest&) {
        HttpResponse response;
        response.stream = [&](const HttpWriter& write) {
          const std::string part(std::size_t{1} << 20, 'x');
          for (int i = 0; i < 1000 && !lost; ++i) lost = !write(part);
        };
        return response;
      },
      options);
  const UniqueFd fd = connect_to(server.port());
  send_all(fd.get(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  char buffer[16 << 10];
  for (int i = 0; i < 300 && !lost; ++i) {  // never idle, never done
    EXPECT_GT(recv(fd.get(), buffer, sizeof(buffer), 0), 0);
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_TRUE(lost);
}

TEST(HttpServerTest, RequestsFollowEachOtherOnAConnection) {
  const RunningServer server(echo);
  const UniqueFd fd = connect_to(server.port());
  const auto post = [](const std::string& path, const std::string& body, const std::string& more = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + more +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  send_all(fd.get(), post("/1", "one"));
  EXPECT_NE(receive(fd.get(), "/1 [one]").find("/1 [one]"), std::string::npos);
  // Two at once: the second has come before the first is answered.
  send_all(fd.get(), post("/2", "two") + post("/3", "three", "Connection: close\r\n"));
  const std::string got = receive(fd.get());
  EXPECT_NE(got.find("/2 [two]"), std::string::npos) << got;
  EXPECT_NE(got.find("/3 [three]"), std::string::npos) << got;
}

TEST(HttpServerTest, AnExceptionOfTheHandlerIsStatus500) {
  const RunningServer server([](const HttpRequest&) -> HttpResponse { throw std::runtime_error("no"); });
  EXPECT_NE(
      exchange(server.port(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").find("refused 500"),
      std::string::npos);
}

TEST(HttpServerTest, StreamedPartsArriveOneByOne) {
  std::atomic<int> released{0};
  const RunningServer server([&](const HttpRequest&) {
    HttpResponse response;
    response.content_type = kEventStream;
    response.stream = [&](const HttpWriter& write) {
      for (int i = 0; i < 3; ++i) {
        write(sse_event("part " + std::to_string(i)));
        while (released <= i) std::this_thread::sleep_for(milliseconds(1));
      }
    };
    return response;
  });
  const UniqueFd fd = connect_to(server.port());
  send_all(fd.get(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip, br\r\n\r\n");
  std::string got;
  for (int i = 0; i < 3; ++i) {
    // The next part is not written before this one has arrived.
    got += receive(fd.get(), "data: part " + std::to_string(i) + "\n\n");
    EXPECT_NE(got.find("data: part " + std::to_string(i)), std::string::npos);
    ++released;
  }
  EXPECT_NE(receive(fd.get()).find("0\r\n\r\n"), std::string::npos);
}

TEST(HttpServerTest, AHandlerLearnsThatItsReaderHasGone) {
  std::atomic<bool> waiting{false}, noticed{false};
  {
    const RunningServer server([&](const HttpRequest& request) {
      EXPECT_TRUE(request.is_connected());
      waiting = true;
      while (request.is_connected()) std::this_thread::sleep_for(milliseconds(2));
      noticed = true;
      return HttpResponse();
    });
    UniqueFd fd = connect_to(server.port());
    send_all(fd.get(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    while (!waiting) std::this_thread::sleep_for(milliseconds(1));
    fd.reset();
  }
  EXPECT_TRUE(noticed);
}

TEST(HttpServerTest, StoppingAnswersWhatIsUnderWay) {
  std::atomic<bool> started{false}, may_end{false};
  std::string got;
  std::thread client;
  {
    const RunningServer server([&](const HttpRequest& request) {
      started = true;
      while (!may_end) std::this_thread::sleep_for(milliseconds(1));
      return echo(request);
    });
    client = std::thread([&, port = server.port()] {
      got = exchange(port, "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    });
    while (!started) std::this_thread::sleep_for(milliseconds(1));
    std::thread([&] {
      std::this_thread::sleep_for(milliseconds(50));
      may_end = true;
    }).detach();
  }
  client.join();
  EXPECT_NE(got.find("GET /slow"), std::string::npos);
}

TEST(HttpServerTest, APortInUseIsAnError) {
  const RunningServer server(echo);
  HttpServerOptions options;
  options.port = server.port();
  const auto second = HttpServer::bind(options, echo, [](int) { return HttpResponse(); });
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kIo);
}

TEST(SseTest, EveryLineIsData) {
  EXPECT_EQ(sse_event("{}"), "data: {}\n\n");
  EXPECT_EQ(sse_event("a\r\nb"), "data: a\ndata: b\n\n");
  EXPECT_EQ(sse_event(""), "data: \n\n");
}

}  // namespace
}  // namespace samara
