#include "samara/net/http_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <unordered_map>

#include "samara/base/clock.h"
#include "samara/base/text.h"

namespace samara {
namespace {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

/// A call on its way. Its address is known to libcurl, so it stays where it is.
struct Transfer {
  std::uint64_t number = 0;
  HttpCall call;
  Easy easy;
  HeaderList header_list;
  HttpReply reply;
  const HttpClientOptions* options = nullptr;
  std::size_t header_bytes = 0, body_bytes = 0;
  double last_byte = 0.0;
  enum class End { kNone, kSatisfied, kTooLarge, kHeadersTooLarge, kStalled };
  End end = End::kNone;  ///< why we ended it ourselves
  char error[CURL_ERROR_SIZE] = {};
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

std::size_t on_header(char* bytes, std::size_t one, std::size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(bytes, one * count);
  transfer.last_byte = wall_seconds();
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > transfer.options->max_header_bytes) {
    transfer.end = Transfer::End::kHeadersTooLarge;
    return 0;
  }
  if (line.starts_with("HTTP/")) transfer.reply.headers.clear();  // after "100 Continue" the real ones come
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    transfer.reply.headers[lower(trim(line.substr(0, colon)))] = std::string(trim(line.substr(colon + 1)));
  }
  return line.size();
}

std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const std::string_view part(bytes, one * count);
  transfer.last_byte = wall_seconds();
  transfer.body_bytes += part.size();
  if (transfer.body_bytes > transfer.options->max_body_bytes) {
    transfer.end = Transfer::End::kTooLarge;
    return 0;
  }
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200 || !transfer.call.on_body) {
    transfer.reply.body += part;
  } else if (!transfer.call.on_body(part)) {
    transfer.end = Transfer::End::kSatisfied;
    return 0;
  }
  return part.size();
}

/// As libcurl does it, but not inherited by the programs that evaluators start.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Uploads count as progress, and stalls are noticed here: libcurl calls it about once a second at least.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const double now = wall_seconds();
  if (sent > 0 && sent < static_cast<curl_off_t>(transfer.call.body.size())) transfer.last_byte = now;
  if (now - transfer.last_byte < transfer.options->stall_seconds) return 0;
  transfer.end = Transfer::End::kStalled;
  return 1;
}

Error error_of(CURLcode code, const Transfer& transfer) {
  const std::string host = host_of(transfer.call.url);
  const HttpClientOptions& options = *transfer.options;
  switch (transfer.end) {
    case Transfer::End::kTooLarge:
      return make_error(ErrorCode::kInvalidData, "{} sent more than {} bytes", host, options.max_body_bytes);
    case Transfer::End::kHeadersTooLarge:
      return make_error(ErrorCode::kInvalidData, "{} sent more than {} bytes of headers", host,
                        options.max_header_bytes);
    case Transfer::End::kStalled:
      return make_error(ErrorCode::kTimeout, "{} stalled: not a byte came for {:g} s", host,
                        options.stall_seconds);
    case Transfer::End::kNone:
    case Transfer::End::kSatisfied:
      break;
  }
  const std::string why =
      sanitize_utf8(one_line(transfer.error[0] != '\0' ? transfer.error : curl_easy_strerror(code), 200));
  double connected = 0.0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_PRETRANSFER_TIME, &connected);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (connected > 0.0) break;  // libcurl's word for an answer that is no HTTP/1 or 2
      return make_error(ErrorCode::kInvalidArgument, "'{}' is not an http:// or https:// address", host);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return make_error(ErrorCode::kIo, "the name of {} cannot be resolved: {}", host, why);
    case CURLE_COULDNT_CONNECT: {
      long number = 0;
      curl_easy_getinfo(transfer.easy.get(), CURLINFO_OS_ERRNO, &number);
      return make_error(ErrorCode::kIo, "cannot connect to {}: {}", host,
                        number != 0 ? std::strerror(static_cast<int>(number)) : why);
    }
    case CURLE_OPERATION_TIMEDOUT:
      if (connected <= 0.0) {
        return make_error(ErrorCode::kTimeout, "cannot connect to {} within {:g} s", host,
                          options.connect_seconds);
      }
      return make_error(ErrorCode::kTimeout, "{} did not finish its answer within {:g} s", host,
                        options.total_seconds);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return make_error(ErrorCode::kIo, "no secure connection to {}: {}", host, why);
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return make_error(ErrorCode::kIo, "{} cut the connection before its answer was complete: {}", host,
                        why);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      break;
    default:
      return make_error(ErrorCode::kIo, "the call to {} failed: {}", host, why);
  }
  return make_error(ErrorCode::kInvalidData, "what {} sent is not HTTP: {}", host, why);
}

}  // namespace

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view host = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  const std::size_t user = host.rfind('@');
  if (user != std::string_view::npos) host.remove_prefix(user + 1);
  return one_line(host.empty() ? url.substr(0, url.find_first_of("?#")) : host, 200);
}

struct HttpClient::Impl {
  HttpClientOptions options;
  CURLM* multi = nullptr;
  std::uint64_t last_number = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Transfer>> transfers;
  std::vector<HttpEnded> ended;
  std::atomic<bool> woken{false};

  ~Impl() {
    for (const auto& [number, transfer] : transfers) curl_multi_remove_handle(multi, transfer->easy.get());
    transfers.clear();
    if (multi != nullptr) curl_multi_cleanup(multi);
  }

  CURLcode set_up(Transfer& transfer);
  void collect();
};

CURLcode HttpClient::Impl::set_up(Transfer& transfer) {
  CURL* const easy = transfer.easy.get();
  const HttpCall& call = transfer.call;
  CURLcode worst = CURLE_OK;
  const auto set = [&](CURLoption option, auto value) {
    const CURLcode code = curl_easy_setopt(easy, option, value);
    if (worst == CURLE_OK) worst = code;
  };
  const auto milliseconds = [](double seconds) { return std::max(1L, static_cast<long>(1000.0 * seconds)); };
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ERRORBUFFER, transfer.error);
  set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);  // a key goes to the host that it was given for
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(options.connect_seconds));
  set(CURLOPT_TIMEOUT_MS, milliseconds(options.total_seconds));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_XFERINFODATA, &transfer);
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, &transfer);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, &transfer);
  set(CURLOPT_PRIVATE, &transfer);
  set(CURLOPT_URL, call.url.c_str());
  if (call.method == "POST" || call.method == "PUT" || call.method == "PATCH") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    set(CURLOPT_POSTFIELDS, call.body.c_str());
  }
  if (call.method != "GET" && call.method != "POST") set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
  const auto add_header = [&](const std::string& line) {
    curl_slist* const longer = curl_slist_append(transfer.header_list.get(), line.c_str());
    if (longer == nullptr) {
      worst = CURLE_OUT_OF_MEMORY;
    } else if (!transfer.header_list) {
      transfer.header_list.reset(longer);
    }
  };
  add_header("Expect:");  // no waiting for "100 Continue"
  for (const auto& [name, value] : call.headers) {
    const std::string line = name + ": " + value;
    if (line.find_first_of("\r\n") != std::string::npos) return CURLE_BAD_FUNCTION_ARGUMENT;
    add_header(line);
  }
  set(CURLOPT_HTTPHEADER, transfer.header_list.get());
  return worst;
}

/// Moves what libcurl has finished to `ended`.
void HttpClient::Impl::collect() {
  int left = 0;
  while (CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    const auto owner = transfers.find(transfer->number);
    if (code == CURLE_OK || transfer->end == Transfer::End::kSatisfied) {
      long status = 0;
      curl_easy_getinfo(transfer->easy.get(), CURLINFO_RESPONSE_CODE, &status);
      transfer->reply.status = static_cast<int>(status);
      ended.push_back({transfer->number, std::move(transfer->reply)});
    } else {
      ended.push_back({transfer->number, error_of(code, *transfer)});
    }
    curl_multi_remove_handle(multi, transfer->easy.get());
    transfers.erase(owner);
  }
}

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::make(const HttpClientOptions& options) {
  static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->multi = curl_multi_init();
  if (global != CURLE_OK || impl->multi == nullptr) {
    return make_error(ErrorCode::kInternal, "libcurl cannot be set up: {}", curl_easy_strerror(global));
  }
  curl_multi_setopt(impl->multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.keep_open));
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(impl)));
}

std::uint64_t HttpClient::start(HttpCall call) {
  auto transfer = std::make_unique<Transfer>();
  transfer->number = ++impl_->last_number;
  transfer->call = std::move(call);
  transfer->options = &impl_->options;
  transfer->last_byte = wall_seconds();
  transfer->easy.reset(curl_easy_init());
  SAMARA_CHECK(transfer->easy != nullptr);  // only without memory
  const CURLcode code = impl_->set_up(*transfer);
  if (code != CURLE_OK || curl_multi_add_handle(impl_->multi, transfer->easy.get()) != CURLM_OK) {
    impl_->ended.push_back(
        {transfer->number, make_error(ErrorCode::kInvalidArgument, "the call to {} cannot be made: {}",
                                      host_of(transfer->call.url), curl_easy_strerror(code))});
    return transfer->number;
  }
  const std::uint64_t number = transfer->number;
  impl_->transfers.emplace(number, std::move(transfer));
  return number;
}

std::vector<HttpEnded> HttpClient::wait(double seconds, const std::atomic<bool>* stop) {
  constexpr double kLookSeconds = 0.05;
  const double until = wall_seconds() + seconds;
  while (true) {
    int running = 0;
    curl_multi_perform(impl_->multi, &running);
    impl_->collect();
    const double left = until - wall_seconds();
    if (!impl_->ended.empty() || impl_->woken.exchange(false) || left <= 0.0 || (stop && stop->load())) break;
    const double slice = stop || running > 0 ? std::min(left, kLookSeconds) : left;
    const int milliseconds = std::max(1, static_cast<int>(1000.0 * std::min(slice, 1e6)));
    curl_multi_poll(impl_->multi, nullptr, 0, milliseconds, nullptr);
  }
  return std::exchange(impl_->ended, {});
}

void HttpClient::wake() {
  impl_->woken = true;
  curl_multi_wakeup(impl_->multi);
}

void HttpClient::cancel(std::uint64_t call) {
  const auto found = impl_->transfers.find(call);
  if (found == impl_->transfers.end()) return;
  curl_multi_remove_handle(impl_->multi, found->second->easy.get());
  impl_->transfers.erase(found);
}

std::size_t HttpClient::in_flight() const {
  return impl_->transfers.size();
}

}  // namespace samara
