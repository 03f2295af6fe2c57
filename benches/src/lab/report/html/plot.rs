//! Drawing with plotters. Colours are marks: the page's style sheet gives them their look, light or dark.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::prelude::{
    ChartBuilder, Circle, DrawingArea, DrawingAreaErrorKind, IntoDrawingArea as _, PathElement, Polygon, RGBColor,
    SVGBackend, Text,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontTransform, IntoFont as _, ShapeStyle, TextStyle};

use super::escape::escaped;

const TEXT: RGBColor = RGBColor(16, 16, 1);
const GRID: RGBColor = RGBColor(16, 16, 2);
/// How many colours there are for policies; with more they begin anew.
pub(super) const COLOURS: usize = 8;

/// The mark of a policy's colour, as plotters writes it.
pub(super) const fn mark(policy: usize) -> RGBColor {
    RGBColor(16, 32, (policy % COLOURS) as u8)
}

/// An axis.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) label: String,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) ticks: Vec<f64>,
    pub(super) format: fn(f64) -> String,
}

/// With the marks that were chosen, instead of those that plotters would choose.
impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let width = f64::from(limit.1 - limit.0);
        limit.0 + ((value - self.low) / (self.high - self.low) * width).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

/// Something drawn, in the colour of a policy.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    Line {
        policy: usize,
        points: Vec<(f64, f64)>,
    },
    Band {
        policy: usize,
        low: Vec<(f64, f64)>,
        high: Vec<(f64, f64)>,
    },
    Point {
        policy: usize,
        at: (f64, f64),
    },
    /// A line through a point that shows its interval.
    Whisker {
        policy: usize,
        from: (f64, f64),
        to: (f64, f64),
    },
}

/// A plot of one panel.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    /// What somebody who does not see it is told.
    pub(super) alt: String,
    pub(super) size: (u32, u32),
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) marks: Vec<Mark>,
}

type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

impl Plot {
    /// The plot as an element of a page.
    pub(super) fn svg(&self) -> String {
        let mut text = String::new();
        {
            let area = SVGBackend::with_string(&mut text, self.size).into_drawing_area();
            self.draw(&area).expect("a string takes every element");
        }
        let (width, height) = self.size;
        let inner = text.find('>').map_or("", |end| &text[end + 1..]);
        format!(
            "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\">{inner}",
            escaped(&self.alt)
        )
    }

    fn draw(&self, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Drawn {
        let text = ("sans-serif", 13).into_font().color(&TEXT);
        let mut chart = ChartBuilder::on(area)
            .margin_top(28)
            .margin_right(22)
            .x_label_area_size(46)
            .y_label_area_size(62)
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        chart
            .configure_mesh()
            .bold_line_style(GRID.stroke_width(1))
            .light_line_style(GRID.mix(0.0))
            .axis_style(GRID.stroke_width(1))
            .label_style(text.clone())
            .x_desc(self.x.label.as_str())
            .axis_desc_style(text.clone())
            .x_label_formatter(&|value| (self.x.format)(*value))
            .y_label_formatter(&|value| (self.y.format)(*value))
            .draw()?;
        // Upright above its axis: read without turning one's head.
        let upright = TextStyle::from(("sans-serif", 13).into_font().transform(FontTransform::None)).color(&TEXT);
        area.draw(&Text::new(self.y.label.clone(), (4, 4), upright.pos(Pos::new(HPos::Left, VPos::Top))))?;
        for it in &self.marks {
            match it {
                Mark::Line { policy, points } => {
                    chart.draw_series([PathElement::new(points.clone(), mark(*policy).stroke_width(2))])?;
                }
                Mark::Band { policy, low, high } => {
                    let outline: Vec<_> = low.iter().chain(high.iter().rev()).copied().collect();
                    chart.draw_series([Polygon::new(outline, mark(*policy).mix(0.13))])?;
                }
                Mark::Point { policy, at } => {
                    chart.draw_series([Circle::new(*at, 5, mark(*policy).filled())])?;
                }
                Mark::Whisker { policy, from, to } => {
                    let style: ShapeStyle = mark(*policy).mix(0.6).stroke_width(1);
                    chart.draw_series([PathElement::new(vec![*from, *to], style)])?;
                }
            }
        }
        area.present()
    }
}
