// HttpClient: many HTTP requests at once on one thread, over http and https (certificates are verified), with
// bounds on every size and time. libcurl does the work and is not seen outside of http_client.cc;
// http_server.h is the other side, sse.h reads streamed bodies. Nothing here decides what a run evolves.
// One thread at a time: it starts requests and waits for them, and bodies are handed out on it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "samara/base/result.h"

namespace samara {

struct HttpCall {
  std::string method = "GET";
  std::string url;                                                ///< http:// or https://
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< names and values without line breaks
  std::string body = {};                                          ///< sent with POST, PUT and PATCH
  /// Where set, gets the body of a response with status 200 as it comes; false ends the call at once, as a
  /// whole response. Any other body is in HttpReply.
  std::function<bool(std::string_view part)> on_body = {};
};

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case; of repeated ones the last
  std::string body;                            ///< empty where HttpCall::on_body took it
  /// Empty where there is none. @param name in lower case
  std::string_view header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct HttpClientOptions {
  double connect_seconds = 10.0;  ///< for names, connection and TLS
  double stall_seconds = 120.0;   ///< without a byte in either direction
  double total_seconds = 600.0;   ///< for the whole call
  std::size_t max_body_bytes = std::size_t{4} << 20;
  std::size_t max_header_bytes = std::size_t{64} << 10;
  std::string ca_file;          ///< certificates to trust instead of the system's; empty: the system's
  std::size_t keep_open = 256;  ///< connections kept for the next calls
};

/// What became of a call. Errors say what happened and to which host, never what was sent:
/// kIo (refused, no such host, cut off, certificate), kTimeout (connect, stall, total), kInvalidData (no
/// HTTP, too large), kCancelled, kInvalidArgument (a URL that is none).
struct HttpEnded {
  std::uint64_t call = 0;
  Result<HttpReply> reply;
};

class HttpClient {
 public:
  /// Errors: kInternal when libcurl cannot be set up.
  static Result<std::unique_ptr<HttpClient>> make(const HttpClientOptions& options);
  /// Drops what is under way.
  ~HttpClient();

  /// Starts a call and returns its number; wait() tells how it ended, errors of the arguments too.
  std::uint64_t start(HttpCall call);

  /// Moves everything that is under way, until a call ends or `seconds` pass or `stop` is raised (looked at
  /// every 50 ms) or wake() is called. Returns the calls that ended since the last time.
  std::vector<HttpEnded> wait(double seconds, const std::atomic<bool>* stop = nullptr);

  /// Ends a wait() early. From any thread.
  void wake();

  /// Drops a call, which is then not heard of again; unknown numbers are ignored.
  void cancel(std::uint64_t call);

  std::size_t in_flight() const;

 private:
  struct Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// "host:port" of a URL for messages, without user names and queries; the text itself where it is no URL.
std::string host_of(std::string_view url);

}  // namespace samara
