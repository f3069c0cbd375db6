#include "samara/net/http_server.h"

#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "samara/base/clock.h"
#include "samara/base/unique_fd.h"

namespace samara {
namespace {

/// A client's connection: what httplib reads and writes through, with bounds to what one request may bring
/// and to how long it waits for its client. Where a bound is passed, it reads as if the client had sent no
/// more.
class Connection final : public httplib::Stream {
 public:
  Connection(int fd, const HttpServerOptions& options) : fd_(fd), options_(options) {}

  /// Waits for a request to begin; the bounds are its own from then on. False: none came.
  bool await_request() {
    patience_ = options_.request_seconds;
    // Chunks take more bytes than what is in them, and the head takes some.
    room_ = 2 * options_.max_body_bytes + (std::size_t{64} << 10);
    return begin_ < end_ || wait(POLLIN, options_.idle_seconds);
  }

  /// Why it read no further: 408 or 413; 0 if it did not.
  int refusal() const { return refusal_; }
  /// No request can follow: where one has not been read to its end, nobody knows where the next would begin.
  void end() { ended_ = true; }
  bool ended() const { return ended_; }

  bool is_open() const {
    pollfd state{fd_, POLLRDHUP, 0};
    return poll(&state, 1, 0) < 0 || (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
  }

  ssize_t read(char* to, std::size_t size) override {
    if (begin_ == end_) {
      if (room_ == 0) refusal_ = 413;
      if (refusal_ == 0 && !wait_for_client(POLLIN)) refusal_ = 408;
      if (refusal_ != 0) return 0;
      const ssize_t got = recv(fd_, buffer_.data(), std::min(buffer_.size(), room_), MSG_DONTWAIT);
      if (got <= 0) return got;
      begin_ = 0;
      end_ = static_cast<std::size_t>(got);
      room_ -= end_;
    }
    const std::size_t count = std::min(size, end_ - begin_);
    std::memcpy(to, buffer_.data() + begin_, count);
    begin_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* data, std::size_t size) override {
    return wait_for_client(POLLOUT) ? send(fd_, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) : -1;
  }
  bool is_readable() const override { return is_open(); }
  bool is_writable() const override { return is_open(); }
  socket_t socket() const override { return fd_; }
  // Nobody asks.
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}

 private:
  bool wait(short event, double seconds) const {
    pollfd state{fd_, event, 0};
    int ready = -1;
    do {
      ready = poll(&state, 1, static_cast<int>(std::max(0.0, seconds) * 1000));
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
  }
  /// At the cost of the request's patience.
  bool wait_for_client(short event) {
    const double start = wall_seconds();
    const bool ready = wait(event, std::min<double>(patience_, options_.idle_seconds));
    patience_ -= wall_seconds() - start;
    return ready;
  }

  const int fd_;
  const HttpServerOptions& options_;
  std::array<char, 4096> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of what has come and has not been read, in the buffer
  std::size_t room_ = 0;             // bytes that the request may still bring
  double patience_ = 0;              // seconds that the request may still wait for its client
  int refusal_ = 0;
  bool ended_ = false;
};

HttpRequest read_request(const httplib::Request& in, const Connection& connection) {
  HttpRequest request;
  request.method = in.method;
  request.path = in.path;
  for (const auto& [name, value] : in.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    request.headers.emplace(std::move(lower), value);
  }
  request.is_connected = [&connection] { return connection.is_open(); };
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

/// httplib's server with a queue of waiting connections that fits more than a handful of clients, and with
/// connections of ours.
class Listener final : public httplib::Server {
 public:
  explicit Listener(const HttpServerOptions& options) : options_(options) {}
  void widen_backlog() { ::listen(svr_sock_, 512); }
  void abandon() { ::close(svr_sock_); }

  /// Of the request that the calling thread is about.
  static Connection& connection() { return *connection_; }

 private:
  /// Until the server stops: the requests of a connection, one after the other.
  bool process_and_close_socket(socket_t socket) override {
    const UniqueFd owner(socket);
    Connection connection(socket, options_);
    connection_ = &connection;
    bool good = true, closed = false;
    while (good && !closed && !connection.ended() && svr_sock_ != INVALID_SOCKET &&
           connection.await_request()) {
      good = process_request(connection, /*close_connection=*/false, closed, nullptr);
    }
    shutdown(socket, SHUT_RDWR);
    return good;
  }

  static thread_local Connection* connection_;
  const HttpServerOptions& options_;
};

thread_local Connection* Listener::connection_ = nullptr;

}  // namespace

struct HttpServer::Impl {
  explicit Impl(const HttpServerOptions& the_options) : options(the_options) {}

  const HttpServerOptions options;
  Listener server{options};
  Handler handler;
  std::function<HttpResponse(int)> refusal;
  int port = 0;
  std::atomic<bool> stopped{false};
  enum class State { kBound, kRunning, kDone };
  std::atomic<State> state{State::kBound};

  void answer(const httplib::Request& in, std::string body, httplib::Response& out) {
    HttpRequest request = read_request(in, Listener::connection());
    request.body = std::move(body);
    write_response(handler(request), out);
  }

  /// Where the request could not be read to its end.
  void refuse(int status, httplib::Response& out) {
    Connection& connection = Listener::connection();
    connection.end();
    write_response(refusal(connection.refusal() != 0 ? connection.refusal() : status), out);
    out.set_header("Connection", "close");
  }

  /// Reads the body itself: httplib bounds what is on the wire, not what it unpacks to.
  void answer_with_body(const httplib::Request& in, const httplib::ContentReader& read,
                        httplib::Response& out) {
    if (in.is_multipart_form_data()) return refuse(415, out);
    // Neither length nor chunks: no body (RFC 9112, section 6.3). httplib would read to the connection's end.
    if (!in.has_header("Content-Length") && !in.has_header("Transfer-Encoding")) return answer(in, {}, out);
    std::string body;
    bool too_large = false;
    const bool complete = read([&](const char* data, std::size_t size) {
      too_large = body.size() + size > options.max_body_bytes;
      if (!too_large) body.append(data, size);
      return !too_large;
    });
    if (complete) return answer(in, std::move(body), out);
    refuse(too_large || out.status == 413 ? 413 : 400, out);
  }
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  if (impl_->state == Impl::State::kBound) impl_->server.abandon();
}

Result<std::unique_ptr<HttpServer>> HttpServer::bind(const HttpServerOptions& options, Handler handler,
                                                     std::function<HttpResponse(int)> refusal) {
  auto impl = std::make_unique<Impl>(options);
  Impl* const self = impl.get();
  impl->handler = std::move(handler);
  impl->refusal = std::move(refusal);

  httplib::Server& server = impl->server;
  server.new_task_queue = [count = options.max_connections] { return new httplib::ThreadPool(count); };
  server.set_payload_max_length(options.max_body_bytes);
  server.set_keep_alive_timeout(options.idle_seconds);  // responses name it
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
    if (out.body.empty()) self->refuse(out.status, out);
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
