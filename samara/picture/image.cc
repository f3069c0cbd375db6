#include "samara/picture/image.h"

#include "samara/base/file.h"

namespace samara::picture {

Status save(const Canvas& canvas, const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".svg") return write_file(path, to_svg(canvas));
  if (ending == ".png") {
    SAMARA_TRY(const std::string png, to_png(canvas));
    return write_file(path, png);
  }
  return make_error(ErrorCode::kInvalidArgument,
                    "cannot draw {}: give the file a name that ends in .png or .svg", path.string());
}

}  // namespace samara::picture
