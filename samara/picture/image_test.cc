#include "samara/picture/image.h"

#include <cairo.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "samara/base/file.h"

namespace samara::picture {
namespace {

Canvas small_drawing() {
  Canvas canvas(40, 20);
  canvas.rectangle({0, 0, 10, 20}, Paint::filled({255, 0, 0}));
  canvas.circle({30, 10}, 5, {Color{0, 0, 255}, std::nullopt, "a <circle> & more"});
  canvas.text({2, 15}, "é \xff", {8});  // the last byte is no UTF-8
  return canvas;
}

std::uint32_t pixel(const Pixels& pixels, int x, int y) {
  std::uint32_t value;
  std::memcpy(&value, &pixels.bgrx[static_cast<std::size_t>(y * pixels.width + x) * 4], 4);
  return value & 0xFFFFFF;
}

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) / ("image_test_" + name);
}

TEST(ImageTest, PixelsAreWhereTheShapesAre) {
  const Pixels pixels = to_pixels(small_drawing()).value();
  EXPECT_EQ(pixels.width, 40);
  EXPECT_EQ(pixels.height, 20);
  EXPECT_EQ(pixel(pixels, 5, 2), 0xFF0000u);
  EXPECT_EQ(pixel(pixels, 30, 10), 0x0000FFu);
  EXPECT_EQ(pixel(pixels, 20, 2), 0xFFFFFFu);
}

TEST(ImageTest, ADrawnCanvasIsMovedAndCutOffAtItsEdges) {
  Canvas inner(10, 10, {0, 255, 0});
  inner.rectangle({5, 5, 100, 100}, Paint::filled({0, 0, 0}));
  Canvas canvas(40, 40);
  canvas.draw(inner, {20, 20});
  const Pixels pixels = to_pixels(canvas).value();
  EXPECT_EQ(pixel(pixels, 22, 22), 0x00FF00u);
  EXPECT_EQ(pixel(pixels, 28, 28), 0x000000u);
  EXPECT_EQ(pixel(pixels, 32, 32), 0xFFFFFFu);
  EXPECT_EQ(pixel(pixels, 18, 22), 0xFFFFFFu);
}

TEST(ImageTest, PngFilesDecodeToTheirSize) {
  const std::filesystem::path path = scratch("size.png");
  ASSERT_TRUE(save(small_drawing(), path).ok());
  cairo_surface_t* surface = cairo_image_surface_create_from_png(path.c_str());
  ASSERT_EQ(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
  EXPECT_EQ(cairo_image_surface_get_width(surface), 80);
  EXPECT_EQ(cairo_image_surface_get_height(surface), 40);
  cairo_surface_destroy(surface);
}

TEST(ImageTest, TheSameDrawingGivesTheSameBytes) {
  EXPECT_EQ(to_png(small_drawing()).value(), to_png(small_drawing()).value());
  EXPECT_EQ(to_svg(small_drawing()), to_svg(small_drawing()));
}

TEST(ImageTest, SvgEscapesTextAndKeepsTooltips) {
  const std::string svg = to_svg(small_drawing());
  EXPECT_NE(svg.find("<title>a &lt;circle&gt; &amp; more</title>"), std::string::npos);
  EXPECT_NE(svg.find("width=\"40\" height=\"20\""), std::string::npos);
  EXPECT_EQ(svg.find('\xff'), std::string::npos);
}

TEST(ImageTest, ErrorsNameTheFileAndLeaveNothing) {
  const Status missing = save(small_drawing(), "/no/such/folder/a.png");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kIo);
  EXPECT_NE(missing.error().message.find("/no/such/folder/a.png"), std::string::npos);
  const Status ending = save(small_drawing(), scratch("a.bmp"));
  ASSERT_FALSE(ending.ok());
  EXPECT_EQ(ending.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(scratch("a.bmp")));
}

TEST(ImageTest, TooLargePicturesAreAnError) {
  const Result<std::string> png = to_png(Canvas(40000, 10));
  ASSERT_FALSE(png.ok());
  EXPECT_EQ(png.error().code, ErrorCode::kInvalidArgument);
}

TEST(CanvasTest, FittedTextEndsInAnEllipsisAndIsNarrowEnough) {
  const TextStyle style{12};
  const std::string text = "a long title with ünïcödé letters";
  EXPECT_EQ(fit_text(text, style, 1000), text);
  for (double width = 0; width < 200; width += 7) {
    const std::string fitted = fit_text(text, style, width);
    EXPECT_LE(text_width(fitted, style), width);
    if (!fitted.empty() && fitted != text) {
      EXPECT_TRUE(fitted.ends_with("…"));
    }
  }
}

}  // namespace
}  // namespace samara::picture
