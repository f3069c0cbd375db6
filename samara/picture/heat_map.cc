#include "samara/picture/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "samara/archive/grid_map.h"
#include "samara/base/check.h"
#include "samara/picture/internal/axes.h"
#include "samara/picture/internal/voronoi.h"
#include "samara/picture/scale.h"

namespace samara::picture {
namespace {

using internal::AxisLook;

constexpr double kMargin = 22.0;
constexpr double kPlotSide = 430.0;   // of a picture with one map
constexpr double kPanelSide = 156.0;  // of small multiples
constexpr double kPanelGap = 16.0;
constexpr double kPanelTitle = 20.0;
constexpr double kLegendWidth = 96.0;
constexpr double kLegendHeight = 260.0;

class HeatMap {
 public:
  HeatMap(const Archive& archive, const HeatMapOptions& options)
      : archive_(archive), options_(options), axes_(archive.map().axes()), fitness_(fitness_scale(archive)) {}

  Canvas draw() {
    const auto* grid = dynamic_cast<const GridMap*>(&archive_.map());
    if (axes_.size() == 1) return one_plot(540.0, 300.0, &HeatMap::bars);
    SAMARA_CHECK(options_.x_axis < axes_.size() && options_.y_axis < axes_.size());
    SAMARA_CHECK(options_.x_axis != options_.y_axis);
    if (grid != nullptr && axes_.size() == 3) return small_multiples(*grid);
    if (is_projection()) return one_plot(kPlotSide, kPlotSide, &HeatMap::projection);
    return one_plot(kPlotSide, kPlotSide, grid != nullptr ? &HeatMap::grid_cells : &HeatMap::voronoi);
  }

 private:
  using DrawNiches = void (HeatMap::*)(Canvas&, const Rect&);

  static Scale fitness_scale(const Archive& archive) {
    double low = archive.elites().empty() ? 0.0 : archive.elites()[0].score.fitness;
    double high = low;
    for (const Elite& elite : archive.elites()) {
      low = std::min(low, elite.score.fitness);
      high = std::max(high, elite.score.fitness);
    }
    return {low, high, 0.0, 1.0};
  }

  std::string unit(std::size_t axis) const {
    return axis < options_.units.size() ? options_.units[axis] : std::string();
  }
  std::string axis_title(std::size_t axis) const {
    return internal::name_with_unit(axes_[axis].name, unit(axis));
  }
  Scale axis_scale(std::size_t axis, double start, double end) const {
    return {axes_[axis].low, axes_[axis].high, start, end};
  }

  std::string caption() const {
    const ArchiveStats stats = archive_.stats();
    std::string text = fmt::format("coverage {:.1f}% ({} of {} niches)  ·  QD score {}",
                                   100.0 * stats.coverage, number_text(stats.num_elites),
                                   number_text(archive_.map().size()), number_text(stats.qd_score));
    if (stats.obj_max) {
      text +=
          fmt::format("  ·  max {}  ·  mean {}", number_text(*stats.obj_max), number_text(*stats.obj_mean));
    }
    if (is_projection()) text += "  ·  projected on two of its dimensions";
    return text;
  }

  bool is_projection() const {
    const bool grid = dynamic_cast<const GridMap*>(&archive_.map()) != nullptr;
    return axes_.size() > (grid ? 3u : 2u);
  }

  Paint paint_of(std::uint32_t niche) const {
    const Stroke seam{kWhite, 0.6, {}};
    const Elite* elite = archive_.elite_of(niche);
    if (elite == nullptr) return {kEmptyNiche, seam, {}};
    std::string tooltip = fmt::format("{} {}", options_.fitness_name, number_text(elite->score.fitness));
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      tooltip += fmt::format("\n{} {}{}{}", axes_[i].name, number_text(elite->score.behavior[i]),
                             unit(i).empty() ? "" : " ", unit(i));
    }
    tooltip += "\nprogram " + elite->program.short_hex();
    return {heat_color(fitness_(elite->score.fitness)), seam, std::move(tooltip)};
  }

  // A picture with one plot, legend, header and axes around what `draw_niches` draws.
  Canvas one_plot(double plot_width, double plot_height, DrawNiches draw_niches) {
    const bool bars = axes_.size() == 1;
    const std::size_t x_axis = bars ? 0 : options_.x_axis;
    const AxisLook x_look{axis_title(x_axis), 6};
    const AxisLook y_look{bars ? options_.fitness_name : axis_title(options_.y_axis), 6};
    const double header = internal::header_height(options_.title, caption());
    const Scale unplaced = bars ? bar_scale(1.0, 0.0) : axis_scale(options_.y_axis, 1.0, 0.0);
    const Rect plot{kMargin + internal::y_axis_width(unplaced, y_look), kMargin + header, plot_width,
                    plot_height};
    Canvas canvas(plot.right() + kLegendWidth + kMargin,
                  plot.bottom() + internal::kXLabelsHeight + internal::kAxisTitleHeight + kMargin);

    internal::draw_header(canvas, kMargin, options_.title, caption());
    (this->*draw_niches)(canvas, plot);
    internal::draw_x_axis(canvas, plot, axis_scale(x_axis, plot.x, plot.right()), x_look);
    internal::draw_y_axis(
        canvas, plot,
        bars ? bar_scale(plot.bottom(), plot.y) : axis_scale(options_.y_axis, plot.bottom(), plot.y), y_look);
    draw_legend(canvas, {plot.right() + 24.0, plot.y, 14.0, std::min(plot.height - 40.0, kLegendHeight)});
    return canvas;
  }

  Canvas small_multiples(const GridMap& grid) {
    const std::size_t panel_axis = 3 - options_.x_axis - options_.y_axis;
    const std::uint32_t panels = grid.bins()[panel_axis];
    const auto columns = std::min(panels, static_cast<std::uint32_t>(std::ceil(std::sqrt(panels * 1.2))));
    const std::uint32_t rows = (panels + columns - 1) / columns;
    const AxisLook x_look{{}, 3};
    const AxisLook y_look{{}, 3};
    const double left = kMargin + internal::kAxisTitleHeight +
                        internal::y_axis_width(axis_scale(options_.y_axis, 1.0, 0.0), y_look);
    const double top = kMargin + internal::header_height(options_.title, caption());
    const double row_height = kPanelTitle + kPanelSide + internal::kXLabelsHeight;
    const double right = left + columns * (kPanelSide + kPanelGap) - kPanelGap;
    const double bottom = top + rows * row_height;
    Canvas canvas(right + kLegendWidth + kMargin, bottom + internal::kAxisTitleHeight + kMargin);

    internal::draw_header(canvas, kMargin, options_.title, caption());
    for (std::uint32_t panel = 0; panel < panels; ++panel) {
      const std::uint32_t column = panel % columns;
      const Rect plot{left + column * (kPanelSide + kPanelGap),
                      top + (panel / columns) * row_height + kPanelTitle, kPanelSide, kPanelSide};
      canvas.text({plot.x + 1.0, plot.y - 6.0}, bin_text(grid, panel_axis, panel), {11.5, kInk});
      draw_grid(canvas, plot, grid, panel);
      AxisLook y = y_look;
      y.labels = column == 0;
      internal::draw_x_axis(canvas, plot, axis_scale(options_.x_axis, plot.x, plot.right()), x_look);
      internal::draw_y_axis(canvas, plot, axis_scale(options_.y_axis, plot.bottom(), plot.y), y);
    }
    canvas.text({(left + right) / 2.0, bottom + 14.0}, axis_title(options_.x_axis),
                {12.0, kInk, Anchor::kMiddle});
    canvas.text({kMargin + 12.0, (top + kPanelTitle + bottom - internal::kXLabelsHeight) / 2.0},
                axis_title(options_.y_axis), {12.0, kInk, Anchor::kMiddle, false, true});
    draw_legend(canvas,
                {right + 24.0, top + kPanelTitle, 14.0, std::min(bottom - top - 80.0, kLegendHeight)});
    return canvas;
  }

  // "mass 4 to 6 joints"
  std::string bin_text(const GridMap& grid, std::size_t axis, std::uint32_t bin) const {
    const double width = (axes_[axis].high - axes_[axis].low) / grid.bins()[axis];
    const double low = axes_[axis].low + bin * width;
    const std::string text =
        fmt::format("{} {} to {}", axes_[axis].name, number_text(low), number_text(low + width));
    return unit(axis).empty() ? text : text + " " + unit(axis);
  }

  void grid_cells(Canvas& canvas, const Rect& plot) {
    draw_grid(canvas, plot, dynamic_cast<const GridMap&>(archive_.map()), 0);
  }

  // The cells of the x and y axes; `panel` is the bin of the third axis, if there is one.
  void draw_grid(Canvas& canvas, const Rect& plot, const GridMap& grid, std::uint32_t panel) {
    const std::uint32_t columns = grid.bins()[options_.x_axis];
    const std::uint32_t rows = grid.bins()[options_.y_axis];
    const double width = plot.width / columns;
    const double height = plot.height / rows;
    std::vector<std::uint32_t> bin(axes_.size(), panel);
    for (std::uint32_t row = 0; row < rows; ++row) {
      for (std::uint32_t column = 0; column < columns; ++column) {
        bin[options_.x_axis] = column;
        bin[options_.y_axis] = row;
        canvas.rectangle({plot.x + column * width, plot.bottom() - (row + 1) * height, width, height},
                         paint_of(grid.niche_at(bin)));
      }
    }
  }

  void voronoi(Canvas& canvas, const Rect& plot) {
    const Scale x = axis_scale(options_.x_axis, 0.0, 1.0);
    const Scale y = axis_scale(options_.y_axis, 0.0, 1.0);
    std::vector<Point> sites(archive_.map().size());
    for (std::uint32_t niche = 0; niche < sites.size(); ++niche) {
      const Behavior center = archive_.map().center(niche);
      sites[niche] = {x(center[options_.x_axis]), y(center[options_.y_axis])};
    }
    std::vector<std::vector<Point>> cells = internal::voronoi_cells(sites);
    for (std::uint32_t niche = 0; niche < cells.size(); ++niche) {
      for (Point& corner : cells[niche]) {
        corner = {plot.x + corner.x * plot.width, plot.bottom() - corner.y * plot.height};
      }
      canvas.polygon(std::move(cells[niche]), paint_of(niche));
    }
  }

  void projection(Canvas& canvas, const Rect& plot) {
    canvas.rectangle(plot, Paint::filled(kEmptyNiche.with_opacity(0.4)));
    const Scale x = axis_scale(options_.x_axis, plot.x, plot.right());
    const Scale y = axis_scale(options_.y_axis, plot.bottom(), plot.y);
    const double radius = std::clamp(0.4 * kPlotSide / std::sqrt(archive_.map().size()), 1.5, 8.0);
    const auto dot = [&](std::uint32_t niche, double size) {
      const Behavior center = archive_.map().center(niche);
      canvas.circle({x(center[options_.x_axis]), y(center[options_.y_axis])}, size, paint_of(niche));
    };
    for (std::uint32_t niche = 0; niche < archive_.map().size(); ++niche) {
      if (archive_.elite_of(niche) == nullptr) dot(niche, 0.6 * radius);
    }
    std::vector<const Elite*> elites;
    for (const Elite& elite : archive_.elites()) elites.push_back(&elite);
    std::sort(elites.begin(), elites.end(), [](const Elite* a, const Elite* b) {
      return a->score.fitness < b->score.fitness ||
             (a->score.fitness == b->score.fitness && a->niche < b->niche);
    });
    for (const Elite* elite : elites) dot(elite->niche, radius);
  }

  // Bars stand on zero, or on the edge of the plot that is nearer to it.
  Scale bar_scale(double start, double end) const {
    return Scale(std::min(fitness_.low(), 0.0), std::max(fitness_.high(), 0.0), start, end).widened(6);
  }

  void bars(Canvas& canvas, const Rect& plot) {
    // A niche reaches half way to its neighbors, which is true of grids too.
    const NicheMap& map = archive_.map();
    std::vector<std::uint32_t> order(map.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return map.center(a)[0] < map.center(b)[0]; });
    const Scale x = axis_scale(0, plot.x, plot.right());
    const Scale y = bar_scale(plot.bottom(), plot.y);
    const auto border = [&](std::size_t i) {  // between the bars i - 1 and i
      if (i == 0) return plot.x;
      if (i == order.size()) return plot.right();
      return x(0.5 * (map.center(order[i - 1])[0] + map.center(order[i])[0]));
    };
    for (std::size_t i = 0; i < order.size(); ++i) {
      const Elite* elite = archive_.elite_of(order[i]);
      const double left = border(i);
      const double width = border(i + 1) - left;
      if (elite == nullptr) {
        canvas.rectangle({left, plot.y, width, plot.height}, paint_of(order[i]));
        continue;
      }
      const double level = y(elite->score.fitness);
      canvas.rectangle({left, std::min(level, y(0.0)), width, std::fabs(level - y(0.0))}, paint_of(order[i]));
    }
  }

  void draw_legend(Canvas& canvas, const Rect& bar) {
    constexpr int kSteps = 64;
    const double step = bar.height / kSteps;
    for (int i = 0; i < kSteps; ++i) {
      // Each step reaches a little under the next, so that no seam shows.
      canvas.rectangle({bar.x, bar.bottom() - (i + 1) * step, bar.width, step + (i == 0 ? 0.0 : 0.5)},
                       Paint::filled(heat_color((i + 0.5) / kSteps)));
    }
    const Scale scale(fitness_.low(), fitness_.high(), bar.bottom(), bar.y);
    double labels = 0.0;
    for (const Tick& tick : scale.ticks(6)) {
      labels = std::max(labels, text_width(tick.label, {internal::kLabelSize}));
      const double y = scale(tick.value);
      canvas.line({bar.right(), y}, {bar.right() + internal::kTickLength, y}, {kFaintInk, 0.8, {}});
      canvas.text({bar.right() + 8.0, y + 4.0}, tick.label, {internal::kLabelSize, kFaintInk});
    }
    canvas.text({bar.right() + labels + 26.0, bar.y + bar.height / 2.0}, options_.fitness_name,
                {12.0, kInk, Anchor::kMiddle, false, true});
    const Rect empty{bar.x, bar.bottom() + 16.0, bar.width, bar.width};
    canvas.rectangle(empty, {kEmptyNiche, Stroke{kGridLine, 0.8, {}}, {}});
    canvas.text({empty.right() + 8.0, empty.y + 11.0}, "empty", {internal::kLabelSize, kFaintInk});
  }

  const Archive& archive_;
  const HeatMapOptions& options_;
  std::span<const BehaviorAxis> axes_;
  Scale fitness_;  // to [0, 1], for heat_color()
};

}  // namespace

Canvas draw_heat_map(const Archive& archive, const HeatMapOptions& options) {
  return HeatMap(archive, options).draw();
}

}  // namespace samara::picture
