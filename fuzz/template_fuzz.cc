// Fuzzes the forms of the operator `prompt`: any text is a form or an error, and a form can be filled in.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "samara/mutation/prompt/prompt_form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace samara::prompt;
  const auto form = PromptForm::parse({reinterpret_cast<const char*>(data), size}, "form.txt");
  if (!form.ok()) return 0;
  Scope scope;
  scope.values["program"] = std::string("{{program}}");
  scope.values["continues"] = std::string("yes");
  scope.values["inspirations"] = std::vector<Scope>{{}, {}};
  form->render(scope);
  return 0;
}
