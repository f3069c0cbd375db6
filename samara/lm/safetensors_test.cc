#include "samara/lm/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "samara/base/rng.h"
#include "samara/lm/internal/float_bits.h"

namespace samara::lm {
namespace {

using internal::from_bf16;
using internal::from_f16;
using internal::to_bf16;
using internal::to_f16;
using testing::HasSubstr;

/// A file from its parts, as the format's description puts them together.
std::string file_of(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>((header.size() >> (8 * i)) & 0xff);
  return bytes + header + data;
}

std::string message(const std::string& header, const std::string& data) {
  const auto result = read_safetensors(file_of(header, data));
  return result.ok() ? "read" : result.error().message;
}

TEST(SafetensorsTest, AFilePutTogetherByHandIsRead) {
  const std::string data(
      "\x00\x00\x80\x3f\x00\x00\x00\xc0"  // F32 1, -2
      "\x80\x3f"                          // BF16 1
      "\x00\xc0\x01\x00",                 // F16 -2, the smallest subnormal
      14);
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"half":{"dtype":"F16","shape":[2],"data_offsets":[10,14]},)"
      R"("w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]}}   )";
  const Tensors tensors = read_safetensors(file_of(header, data)).value();
  EXPECT_EQ(tensors.at("w"), (Tensor{{1, 2}, {1.0F, -2.0F}}));
  EXPECT_EQ(tensors.at("b"), (Tensor{{}, {1.0F}}));
  EXPECT_EQ(tensors.at("half"), (Tensor{{2}, {-2.0F, 0x1p-24F}}));
}

TEST(SafetensorsTest, WrittenAndReadIsTheSame) {
  Rng rng(3);
  Tensors tensors;
  tensors["empty"] = {{0, 3}, {}};
  tensors["scalar"] = {{}, {1.5F}};
  tensors["a \"name\" with \xc3\xa4"] = {{3}, {0.25F, -0.0F, 100.0F}};
  Tensor& large = tensors["large"] = {{7, 5}, std::vector<float>(35)};
  for (float& value : large.values) value = from_bf16(to_bf16(static_cast<float>(rng.normal())));
  EXPECT_EQ(read_safetensors(write_safetensors(tensors, DataType::kF32)).value(), tensors);
  EXPECT_EQ(read_safetensors(write_safetensors(tensors, DataType::kBF16)).value(), tensors);
  EXPECT_TRUE(read_safetensors(write_safetensors(tensors, DataType::kF16)).ok());
}

TEST(SafetensorsTest, DataIsAlignedToEightBytes) {
  const std::string bytes = write_safetensors({{"t", {{1}, {1.0F}}}}, DataType::kF32);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ(header % 8, 0U);
  EXPECT_EQ(bytes.size(), 8 + header + 4);
}

TEST(SafetensorsTest, WhatIsWrongIsNamed) {
  const std::string eight(8, '\0');
  const auto tensor = [](const char* dtype, const char* shape, const char* offsets) {
    return std::string("{\"t\":{\"dtype\":\"") + dtype + "\",\"shape\":" + shape +
           ",\"data_offsets\":" + offsets + "}}";
  };
  EXPECT_EQ(message(tensor("F32", "[2]", "[0,8]"), eight), "read");
  EXPECT_THAT(message(tensor("F32", "[2]", "[0,8]"), "1234"), HasSubstr("\"t\" is larger than the file"));
  EXPECT_THAT(message(tensor("F32", "[1]", "[4,12]"), eight), HasSubstr("truncated"));
  EXPECT_THAT(message(tensor("F32", "[1]", "[0,8]"), eight),
              HasSubstr("needs 4 bytes by its shape but has 8"));
  EXPECT_THAT(message(tensor("F32", "[1]", "[8,4]"), eight), HasSubstr("\"t\""));
  EXPECT_THAT(message(tensor("F32", "[1]", "[4,8]"), eight), HasSubstr("4 bytes in front of"));
  EXPECT_THAT(message(tensor("F32", "[1]", "[0,4]"), eight), HasSubstr("the last 4 bytes"));
  EXPECT_THAT(message(tensor("F32", "[4294967296,4294967296,4294967296]", "[0,8]"), eight),
              HasSubstr("larger"));
  EXPECT_THAT(message(tensor("F32", "[-2]", "[0,8]"), eight), HasSubstr("shape"));
  EXPECT_THAT(message(tensor("F32", "2", "[0,8]"), eight), HasSubstr("shape"));
  EXPECT_THAT(message(tensor("F32", "[2]", "[0]"), eight), HasSubstr("data_offsets"));
  EXPECT_THAT(message(tensor("F64", "[1]", "[0,8]"), eight), HasSubstr("F64"));
  EXPECT_THAT(message(tensor("Q4", "[1]", "[0,8]"), eight), HasSubstr("unknown dtype"));
  EXPECT_THAT(message("[]", ""), HasSubstr("not an object"));
  EXPECT_THAT(message("{", ""), HasSubstr("malformed JSON"));
  EXPECT_THAT(message(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                      "123456"),
              HasSubstr("\"b\" overlaps"));
}

TEST(SafetensorsTest, AHeaderLargerThanTheFileIsRefused) {
  EXPECT_THAT(read_safetensors("1234").error().message, HasSubstr("too few"));
  EXPECT_THAT(read_safetensors(std::string(8, '\xff')).error().message, HasSubstr("header"));
  std::string bytes = file_of("{}", "");
  bytes[0] = 3;
  EXPECT_THAT(read_safetensors(bytes).error().message,
              HasSubstr("a header of 3 bytes is announced, 2 follow"));
}

TEST(FloatBitsTest, EveryHalfAndEveryBfloatSurvives) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const std::uint16_t half = static_cast<std::uint16_t>(bits);
    for (const auto& [encode, decode] : {std::pair(&to_f16, &from_f16), std::pair(&to_bf16, &from_bf16)}) {
      const float value = decode(half);
      if (std::isnan(value)) {
        ASSERT_TRUE(std::isnan(decode(encode(value)))) << bits;
      } else {
        ASSERT_EQ(encode(value), half);
      }
    }
  }
}

/// Whether `bits` is a nearest neighbor of value in the format, the even one where two are as near.
void expect_nearest(float value, std::uint16_t bits, float (*decode)(std::uint16_t)) {
  const double error = std::abs(static_cast<double>(decode(bits)) - value);
  for (const int step : {-1, 1}) {
    const std::uint16_t neighbor = static_cast<std::uint16_t>(bits + step);
    const double other = std::abs(static_cast<double>(decode(neighbor)) - value);
    if (std::isnan(other)) continue;
    ASSERT_LE(error, other) << value;
    ASSERT_TRUE(error == 0 || error < other || bits % 2 == 0) << value;
  }
}

TEST(FloatBitsTest, RoundingIsToTheNearestAndToEven) {
  Rng rng(11);
  for (int i = 0; i < 200000; ++i) {
    const int exponent = static_cast<int>(rng.below(40)) - 26;
    float value = std::ldexp(1.0F + static_cast<float>(rng.below(1 << 14)) * 0x1p-14F, exponent);
    if (rng.chance(0.5)) value = -value;
    if (std::abs(value) < 65504.0F) expect_nearest(value, to_f16(value), from_f16);
    expect_nearest(value, to_bf16(value), from_bf16);
  }
}

TEST(FloatBitsTest, WhatIsTooLargeBecomesInfinite) {
  EXPECT_EQ(from_f16(to_f16(65519.0F)), 65504.0F);
  EXPECT_EQ(from_f16(to_f16(65520.0F)), std::numeric_limits<float>::infinity());
  EXPECT_EQ(from_f16(to_f16(-1e30F)), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(from_bf16(to_bf16(std::numeric_limits<float>::max())), std::numeric_limits<float>::infinity());
}

}  // namespace
}  // namespace samara::lm
