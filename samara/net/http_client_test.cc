#include "samara/net/http_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "samara/base/clock.h"
#include "samara/base/unique_fd.h"
#include "samara/net/http_server.h"
#include "samara/net/sse.h"

namespace samara {
namespace {

using testing::HasSubstr;

HttpResponse respond(int status, std::string body, std::map<std::string, std::string> headers = {}) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

/// Our own server, which runs while the object lives.
class Server {
 public:
  explicit Server(HttpServer::Handler handler, std::size_t max_connections = 4) {
    HttpServerOptions options;
    options.max_connections = max_connections;
    server_ = std::move(HttpServer::bind(options, std::move(handler), [](int status) {
                return respond(status, "refused");
              })).value();
    thread_ = std::thread([this] { server_->run(); });
  }
  ~Server() {
    server_->stop();
    thread_.join();
  }
  std::string url(std::string_view path = "/") const {
    return fmt::format("http://127.0.0.1:{}{}", server_->port(), path);
  }

 private:
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

/// A server that answers every connection with the same bytes, whatever was asked, and then closes or stalls.
class RawServer {
 public:
  explicit RawServer(std::string bytes, bool stalls = false) : bytes_(std::move(bytes)), stalls_(stalls) {
    listener_ = UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_.get(), 16), 0);
    socklen_t size = sizeof(address);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~RawServer() {
    done_ = true;
    shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }

 private:
  void serve() {
    while (!done_) {
      const UniqueFd fd(accept(listener_.get(), nullptr, nullptr));
      if (!fd.valid()) return;
      char buffer[4096];
      if (recv(fd.get(), buffer, sizeof(buffer), 0) <= 0) continue;
      std::string_view left = bytes_;
      while (!left.empty()) {
        const ssize_t sent = send(fd.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        left.remove_prefix(static_cast<std::size_t>(sent));
      }
      while (stalls_ && !done_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  std::string bytes_;
  bool stalls_;
  std::atomic<bool> done_{false};
  UniqueFd listener_;
  int port_ = 0;
  std::thread thread_;
};

HttpClientOptions quick() {
  HttpClientOptions options;
  options.connect_seconds = 5.0;
  options.stall_seconds = 2.0;  // a busy machine is no stalled server
  options.total_seconds = 20.0;
  options.max_body_bytes = 100'000;
  options.max_header_bytes = 10'000;
  return options;
}

/// How one call ends.
Result<HttpReply> fetch(const std::string& url, HttpCall call = {},
                        const HttpClientOptions& options = quick()) {
  const auto client = HttpClient::make(options).value();
  call.url = url;
  const std::uint64_t number = client->start(std::move(call));
  while (true) {
    for (HttpEnded& ended : client->wait(1.0)) {
      EXPECT_EQ(ended.call, number);
      return std::move(ended.reply);
    }
  }
}

std::string failure(const Result<HttpReply>& reply) {
  return reply.ok() ? "a reply: " + reply->body : reply.error().message;
}

TEST(HttpClientTest, RequestsArriveWithMethodHeadersAndBody) {
  const Server server([](const HttpRequest& request) {
    return respond(201,
                   request.method + " " + request.path + " " + std::string(request.header("x-one")) + " [" +
                       request.body + "]",
                   {{"X-Answer", "yes"}});
  });
  HttpCall call;
  call.method = "POST";
  call.headers = {{"X-One", "1"}};
  call.body = std::string(50'000, 'b');
  const Result<HttpReply> reply = fetch(server.url("/a/b"), call);
  ASSERT_TRUE(reply.ok()) << failure(reply);
  EXPECT_EQ(reply->status, 201);
  EXPECT_EQ(reply->body, "POST /a/b 1 [" + call.body + "]");
  EXPECT_EQ(reply->header("x-answer"), "yes");
}

TEST(HttpClientTest, OneThreadHolds256RequestsInFlight) {
  std::atomic<int> open{0};
  const Server server(
      [&](const HttpRequest&) {
        ++open;
        for (int i = 0; i < 2000 && open < 256; ++i)
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return respond(200, open == 256 ? "all" : "some");
      },
      300);
  HttpClientOptions options = quick();
  options.stall_seconds = options.total_seconds = 30.0;
  const auto client = HttpClient::make(options).value();
  for (int i = 0; i < 256; ++i) client->start({.url = server.url()});
  EXPECT_EQ(client->in_flight(), 256u);
  std::size_t all = 0;
  for (std::size_t ended = 0; ended < 256;) {
    for (const HttpEnded& end : client->wait(1.0)) {
      ++ended;
      all += end.reply.ok() && end.reply->body == "all";
    }
  }
  EXPECT_EQ(all, 256u);
}

TEST(HttpClientTest, StreamsAreHandedOutAsTheyCome) {
  const Server server([](const HttpRequest&) {
    HttpResponse response;
    response.content_type = kEventStream;
    response.stream = [](const HttpWriter& write) {
      for (const char* text : {"one", "two\nlines", ""}) write(sse_event(text));
    };
    return response;
  });
  SseReader reader;
  std::vector<std::string> events;
  HttpCall call;
  call.on_body = [&](std::string_view part) {
    return reader.feed(part, [&](std::string_view data) {
      events.emplace_back(data);
      return true;
    });
  };
  const Result<HttpReply> reply = fetch(server.url(), call);
  ASSERT_TRUE(reply.ok()) << failure(reply);
  EXPECT_EQ(events, (std::vector<std::string>{"one", "two\nlines", ""}));
  EXPECT_EQ(reply->body, "");
}

TEST(HttpClientTest, WhoHasEnoughEndsTheCall) {
  const RawServer server("HTTP/1.1 200 OK\r\n\r\nenough", true);
  HttpCall call;
  std::string body;
  call.on_body = [&](std::string_view part) {
    body += part;
    return body != "enough";
  };
  const Result<HttpReply> reply = fetch(server.url(), call);
  ASSERT_TRUE(reply.ok()) << failure(reply);
  EXPECT_EQ(reply->status, 200);
}

TEST(HttpClientTest, ARefusedConnectionNamesTheHost) {
  std::string url;
  { url = RawServer("").url(); }
  EXPECT_THAT(failure(fetch(url)),
              testing::AllOf(HasSubstr("cannot connect to 127.0.0.1:"), HasSubstr("Connection refused")));
}

TEST(HttpClientTest, AnUnknownHostIsToldByName) {
  EXPECT_THAT(failure(fetch("http://no-such-host.invalid/")), HasSubstr("no-such-host.invalid"));
}

TEST(HttpClientTest, HostileServersBecomeErrors) {
  const std::string big(200'000, 'x');
  struct Case {
    std::string bytes;
    bool stalls;
    const char* expected;
  };
  const Case cases[] = {
      {"", false, "cut the connection"},
      {"", true, "stalled"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", false, "cut the connection"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", true, "stalled"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false, "cut the connection"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", false, ""},
      {"\x01\x02\xff garbage \r\n\r\n", false, "not HTTP"},
      {"HTTP/1.1 200 OK\r\n\r\n" + big, false, "more than 100000 bytes"},
      {"HTTP/1.1 200 OK\r\nX: " + big + "\r\n\r\n", false, ""},
      {"HTTP/1.1 200 OK\r\n" +
           [] {
             std::string many;
             for (int i = 0; i < 1000; ++i) many += fmt::format("X-{}: some value\r\n", i);
             return many;
           }() +
           "\r\n",
       false, "bytes of headers"},
  };
  for (const Case& c : cases) {
    const RawServer server(c.bytes, c.stalls);
    const Result<HttpReply> reply = fetch(server.url());
    ASSERT_FALSE(reply.ok()) << c.bytes.substr(0, 60);
    EXPECT_THAT(reply.error().message, HasSubstr(c.expected)) << c.bytes.substr(0, 60);
    EXPECT_THAT(reply.error().message, HasSubstr("127.0.0.1")) << c.bytes.substr(0, 60);
  }
}

TEST(HttpClientTest, AStreamThatDripsIsNoStallButHasATotalTime) {
  const Server server([](const HttpRequest&) {
    HttpResponse response;
    response.stream = [](const HttpWriter& write) {
      while (write("x")) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    };
    return response;
  });
  HttpClientOptions options = quick();
  options.total_seconds = 1.0;
  EXPECT_THAT(failure(fetch(server.url(), {}, options)), HasSubstr("did not finish its answer within 1 s"));
}

TEST(HttpClientTest, InvalidUtf8InABodyIsHandedOutAsItIs) {
  const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xc0\x80");
  EXPECT_EQ(failure(fetch(server.url())), "a reply: \xff\xc0\x80");
}

TEST(HttpClientTest, RedirectionsAreNotFollowed) {
  const Server target([](const HttpRequest&) { return respond(200, "followed"); });
  const Server server([&](const HttpRequest&) { return respond(307, "", {{"Location", target.url()}}); });
  const Result<HttpReply> reply = fetch(server.url());
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->status, 307);
}

TEST(HttpClientTest, OnlyHttpIsSpoken) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "http://", "nonsense://x", ""}) {
    EXPECT_FALSE(fetch(url).ok()) << url;
  }
}

TEST(HttpClientTest, HeadersCannotSmuggleOthers) {
  const Server server([](const HttpRequest&) { return HttpResponse{}; });
  HttpCall call;
  call.headers = {{"X", "a\r\nY: b"}};
  EXPECT_FALSE(fetch(server.url(), call).ok());
}

TEST(HttpClientTest, AStopFlagEndsTheWait) {
  const RawServer server("", true);
  HttpClientOptions options = quick();
  options.stall_seconds = 60.0;
  const auto client = HttpClient::make(options).value();
  client->start({.url = server.url()});
  std::atomic<bool> stop{false};
  std::thread raiser([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop = true;
  });
  const double began = wall_seconds();
  EXPECT_TRUE(client->wait(30.0, &stop).empty());
  EXPECT_LT(wall_seconds() - began, 2.0);
  raiser.join();
}

TEST(HttpClientTest, WakeEndsAWaitFromAnotherThread) {
  const auto client = HttpClient::make(quick()).value();
  std::thread waker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    client->wake();
  });
  const double began = wall_seconds();
  EXPECT_TRUE(client->wait(30.0).empty());
  EXPECT_LT(wall_seconds() - began, 5.0);
  waker.join();
}

TEST(HttpClientTest, ACancelledCallIsNotHeardOfAgain) {
  const RawServer server("", true);
  const auto client = HttpClient::make(quick()).value();
  client->cancel(client->start({.url = server.url()}));
  EXPECT_EQ(client->in_flight(), 0u);
  EXPECT_TRUE(client->wait(0.05).empty());
}

TEST(HostOfTest, NamesNeitherUserNorQuery) {
  EXPECT_EQ(host_of("https://user:secret@example.com:8443/v1?key=abc"), "example.com:8443");
  EXPECT_EQ(host_of("http://localhost/v1"), "localhost");
  EXPECT_EQ(host_of("nonsense?key=abc"), "nonsense");
}

RC_GTEST_PROP(SseReaderProperty, EventsSurviveAnyCutting,
              (std::vector<std::string> texts, std::uint8_t piece)) {
  std::string body;
  std::vector<std::string> expected;
  for (const std::string& text : texts) {
    body += ": comment\r\n" + sse_event(text);
    std::string clean = text;
    std::erase(clean, '\r');
    expected.push_back(clean);
  }
  SseReader reader;
  std::vector<std::string> events;
  const auto take = [&](std::string_view data) {
    events.emplace_back(data);
    return true;
  };
  const std::size_t size = piece % 7u + 1;
  for (std::size_t i = 0; i < body.size(); i += size) {
    RC_ASSERT(reader.feed(std::string_view(body).substr(i, size), take));
  }
  RC_ASSERT(events == expected);
}

TEST(SseReaderTest, AnEventWithoutEndIsBounded) {
  SseReader reader(1000);
  const auto take = [](std::string_view) { return true; };
  EXPECT_FALSE(reader.feed("data: " + std::string(2000, 'x'), take));
  SseReader lines(1000);
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "data: xxxxxxxx\n";
  EXPECT_FALSE(lines.feed(body, take));
}

}  // namespace
}  // namespace samara
