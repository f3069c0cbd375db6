#include "samara/net/http_server.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netdb.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <optional>

namespace samara {
namespace {

/// The socket's other end as httplib prints it; nothing if `fd` is no connected socket.
std::optional<std::pair<std::string, int>> peer_of(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return std::nullopt;
  char text[NI_MAXHOST];
  if (getnameinfo(reinterpret_cast<sockaddr*>(&address), length, text, sizeof(text), nullptr, 0,
                  NI_NUMERICHOST) != 0) {
    return std::nullopt;
  }
  int port = 0;
  if (address.ss_family == AF_INET) port = ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  if (address.ss_family == AF_INET6) port = ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  return std::pair(std::string(text), port);
}

int local_port_of(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return -1;
  return address.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port)
                                       : ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

/// httplib 0.11 tells a handler the addresses of its connection but not its socket, and offers no way to ask
/// whether the other end is still there. The socket is the one of ours with these addresses.
int find_socket(const httplib::Request& request, int local_port) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 4096));
  for (int fd = 3; fd < end; ++fd) {
    const auto peer = peer_of(fd);
    if (peer && peer->second == request.remote_port && peer->first == request.remote_addr &&
        local_port_of(fd) == local_port) {
      return fd;
    }
  }
  return -1;
}

bool is_open(int fd) {
  pollfd state{fd, POLLRDHUP, 0};
  return fd < 0 || poll(&state, 1, 0) < 0 || (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
}

HttpRequest read_request(const httplib::Request& in, int local_port) {
  HttpRequest request;
  request.method = in.method;
  request.path = in.path;
  for (const auto& [name, value] : in.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    request.headers.emplace(std::move(lower), value);
  }
  request.is_connected = [&in, local_port, fd = -2]() mutable {
    if (fd == -2) fd = find_socket(in, local_port);
    return is_open(fd);
  };
  return request;
}

void write_response(HttpResponse response, httplib::Response& out) {
  out.status = response.status;
  for (const auto& [name, value] : response.headers) out.set_header(name, value);
  if (!response.stream) {
    out.set_content(response.body, response.content_type);
    return;
  }
  out.set_chunked_content_provider(
      response.content_type, [stream = std::move(response.stream)](std::size_t, httplib::DataSink& sink) {
        try {
          stream([&](std::string_view part) { return sink.write(part.data(), part.size()); });
        } catch (...) {
          return false;  // the status is out already; the reader sees a body cut short
        }
        sink.done();
        return true;
      });
}

/// httplib's server with a queue of waiting connections that fits more than a handful of clients.
class Listener final : public httplib::Server {
 public:
  void widen_backlog() { ::listen(svr_sock_, 512); }
  void abandon() { ::close(svr_sock_); }
};

}  // namespace

struct HttpServer::Impl {
  Listener server;
  Handler handler;
  std::function<HttpResponse(int)> refusal;
  std::size_t max_body_bytes = 0;
  int port = 0;
  std::atomic<bool> stopped{false};
  enum class State { kBound, kRunning, kDone };
  std::atomic<State> state{State::kBound};

  void answer(const httplib::Request& in, std::string body, httplib::Response& out) {
    HttpRequest request = read_request(in, port);
    request.body = std::move(body);
    write_response(handler(request), out);
  }

  /// Reads the body itself: httplib bounds what is on the wire, not what it unpacks to.
  void answer_with_body(const httplib::Request& in, const httplib::ContentReader& read,
                        httplib::Response& out) {
    if (in.is_multipart_form_data()) return write_response(refusal(415), out);
    // Neither length nor chunks: no body (RFC 9112, section 6.3). httplib would read to the connection's end.
    if (!in.has_header("Content-Length") && !in.has_header("Transfer-Encoding")) return answer(in, {}, out);
    std::string body;
    bool too_large = false;
    const bool complete = read([&](const char* data, std::size_t size) {
      too_large = body.size() + size > max_body_bytes;
      if (!too_large) body.append(data, size);
      return !too_large;
    });
    if (complete) return answer(in, std::move(body), out);
    const bool refused = too_large || out.status == 413;
    write_response(refusal(refused ? 413 : 400), out);
  }
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  if (impl_->state == Impl::State::kBound) impl_->server.abandon();
}

Result<std::unique_ptr<HttpServer>> HttpServer::bind(const HttpServerOptions& options, Handler handler,
                                                     std::function<HttpResponse(int)> refusal) {
  auto impl = std::make_unique<Impl>();
  Impl* const self = impl.get();
  impl->handler = std::move(handler);
  impl->refusal = std::move(refusal);
  impl->max_body_bytes = options.max_body_bytes;

  httplib::Server& server = impl->server;
  server.new_task_queue = [count = options.max_connections] { return new httplib::ThreadPool(count); };
  server.set_payload_max_length(options.max_body_bytes);
  server.set_keep_alive_max_count(1000);
  server.set_keep_alive_timeout(options.idle_seconds);
  server.set_read_timeout(options.idle_seconds);
  server.set_write_timeout(options.idle_seconds);
  server.set_tcp_nodelay(true);
  // Without SO_REUSEPORT, which httplib sets: a second server on the port is an error, not half of the
  // answers.
  server.set_socket_options([](int fd) {
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  const auto plain = [self](const httplib::Request& in, httplib::Response& out) {
    self->answer(in, {}, out);
  };
  const auto with_body = [self](const httplib::Request& in, httplib::Response& out,
                                const httplib::ContentReader& read) {
    self->answer_with_body(in, read, out);
  };
  server.Get(".*", plain).Options(".*", plain).Delete(".*", plain);
  server.Post(".*", with_body).Put(".*", with_body).Patch(".*", with_body).Delete(".*", with_body);
  server.set_exception_handler([self](const httplib::Request&, httplib::Response& out, std::exception_ptr) {
    write_response(self->refusal(500), out);
  });
  // What httplib refuses by itself: malformed requests, methods that do not exist.
  const httplib::Server::HandlerWithResponse on_error = [self](const httplib::Request&,
                                                               httplib::Response& out) {
    if (out.body.empty()) write_response(self->refusal(out.status), out);
    return httplib::Server::HandlerResponse::Handled;
  };
  server.set_error_handler(on_error);

  errno = 0;
  impl->port = options.port == 0                                 ? server.bind_to_any_port(options.host)
               : server.bind_to_port(options.host, options.port) ? options.port
                                                                 : -1;
  if (impl->port < 0) {
    return make_error(ErrorCode::kIo, "cannot listen on {} port {}: {}; choose another with --port or --host",
                      options.host, options.port, errno != 0 ? std::strerror(errno) : "no such address");
  }
  impl->server.widen_backlog();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const {
  return impl_->port;
}

void HttpServer::run() {
  impl_->state = Impl::State::kRunning;
  if (impl_->stopped) {
    impl_->server.abandon();
  } else {
    impl_->server.listen_after_bind();
  }
  impl_->state = Impl::State::kDone;
}

void HttpServer::stop() {
  impl_->stopped = true;
  // httplib forgets a stop() that comes before it listens.
  while (impl_->state == Impl::State::kRunning && !impl_->server.is_running()) usleep(1000);
  impl_->server.stop();
}

}  // namespace samara
