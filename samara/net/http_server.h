// HttpServer: HTTP/1.1 on one port, for APIs: requests with small bodies in, whole or streamed responses out
// (server-sent events: sse.h). cpp-httplib reads and writes; what handlers see is here alone. Every
// connection has a thread of a pool while it is open. Handlers are called by several threads at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"

namespace samara {

struct HttpRequest {
  std::string method;  ///< "GET", "POST", ...
  std::string path;    ///< decoded, without the query
  std::string body;
  std::map<std::string, std::string> headers;  ///< names in lower case; of repeated ones the first
  /// Whether somebody still waits for the response. Asks the kernel: call it a few times a second at most.
  std::function<bool()> is_connected;

  /// Empty where there is none. @param name in lower case
  std::string_view header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

/// Sends a part of a streamed body at once. False when nobody is there to read it any more.
using HttpWriter = std::function<bool(std::string_view part)>;

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::map<std::string, std::string> headers;  ///< besides content type and length
  /// Where set, writes the body (chunked) instead of `body`. It is called once, on the request's thread,
  /// after the handler has returned.
  std::function<void(const HttpWriter& write)> stream;
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;                            ///< 0: any free one
  std::size_t max_connections = 128;       ///< open at once; more wait for a thread
  std::size_t max_body_bytes = 4UL << 20;  ///< a larger request gets status 413
  int idle_seconds = 5;  ///< a connection is closed after so long without a request or progress
  /// How long a request waits for its client in all: to be complete, else it gets status 408, and for its
  /// response to be read.
  int request_seconds = 30;
};

class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  /// Binds the port. Connections are accepted from now on, and answered once run() is called. `handler`
  /// answers every request, whatever its path; it also makes the responses to requests that the server
  /// refuses itself
  /// (`refusal`). An exception that leaves the handler becomes status 500.
  /// Errors: kIo where the address cannot be bound.
  /// @param refusal body of a response with this status (400, 408, 413, 500 ...)
  static Result<std::unique_ptr<HttpServer>> bind(const HttpServerOptions& options, Handler handler,
                                                  std::function<HttpResponse(int status)> refusal);
  ~HttpServer();

  int port() const;
  /// Serves until stop(), then until the requests under way are answered. Call it once.
  void run();
  /// Takes no more connections. From any thread.
  void stop();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace samara
