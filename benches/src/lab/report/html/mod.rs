//! One self-contained HTML file: no script, nothing fetched.

mod escape;
mod figures;
mod plot;
mod tables;
mod ticks;

use std::fmt::Write as _;

use escape::escaped;
use plot::{COLOURS, mark};

use super::Report;

const STYLE: &str = include_str!("style.css");
const SUNK: &str = "a string takes every line";

/// The report as a page of its own, readable in light and dark.
#[must_use]
pub fn html(report: &Report) -> String {
    let title = escaped(&report.scenario.name);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title} · Chatter policy lab</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n<main>\n",
        colours()
    );
    head(&mut page, report);
    let comparison = &report.comparison;
    page += "<h2>Figures</h2>\n<p class=\"caption\">± is half of a 95 % interval over the replications. Bold green and \
             red mark policies that differ from the first for better or worse.</p>\n";
    page += &tables::figures(comparison);
    let legend = legend(&comparison.policies);
    for figure in figures::figures(comparison, report.scenario.of_day) {
        write!(page, "<h2>{}</h2>\n{legend}<figure>\n<div class=\"panels\">\n", escaped(figure.heading)).expect(SUNK);
        for plot in &figure.plots {
            page += &plot.svg();
        }
        write!(page, "</div>\n<figcaption>{}</figcaption>\n</figure>\n", escaped(&figure.caption)).expect(SUNK);
    }
    if comparison.policies.len() > 1 {
        page += "<h2>Differences</h2>\n";
        page += &tables::differences(comparison);
    }
    if !comparison.groups.is_empty() {
        page += "<h2>By category and priority</h2>\n";
        page += &tables::groups(comparison);
    }
    tail(&mut page, report);
    page += "</main>\n</body>\n</html>\n";
    page
}

/// What the marks of plots look like.
fn colours() -> String {
    let mut style = String::from(
        "svg [fill=\"#101001\"] { fill: var(--soft); }\nsvg text { font-family: inherit; }\n\
         svg [stroke=\"#101002\"] { stroke: var(--line); }\n",
    );
    for policy in 0..COLOURS {
        let plotters::style::RGBColor(red, green, blue) = mark(policy);
        let colour = format!("#{red:02X}{green:02X}{blue:02X}");
        writeln!(style, "svg [fill=\"{colour}\"] {{ fill: var(--c{policy}); }}").expect(SUNK);
        writeln!(style, "svg [stroke=\"{colour}\"] {{ stroke: var(--c{policy}); }}").expect(SUNK);
        writeln!(style, ".chip.p{policy} {{ border-color: var(--c{policy}); }}").expect(SUNK);
    }
    style
}

fn legend(policies: &[String]) -> String {
    let mut list = String::from("<ul class=\"legend\">");
    for (at, policy) in policies.iter().enumerate() {
        let colour = at % COLOURS;
        write!(list, "<li><span class=\"chip p{colour}\"></span>{}</li>", escaped(policy)).expect(SUNK);
    }
    list + "</ul>\n"
}

fn head(page: &mut String, report: &Report) {
    let (scenario, run, comparison) = (&report.scenario, &report.run, &report.comparison);
    writeln!(page, "<h1>{}</h1>", escaped(&scenario.name)).expect(SUNK);
    if !scenario.about.is_empty() {
        writeln!(page, "<p>{}</p>", escaped(scenario.about.trim())).expect(SUNK);
    }
    let facts = [
        ("Policies", comparison.policies.len().to_string()),
        ("Replications of each", comparison.replications.to_string()),
        ("A run", scenario.length.clone()),
        ("Seed", run.seed.to_string()),
        ("The same customers", "meet every policy".to_owned()),
    ];
    *page += "<ul class=\"facts\">";
    for (name, value) in facts {
        write!(page, "<li><span>{}</span><b>{}</b></li>", escaped(name), escaped(&value)).expect(SUNK);
    }
    *page += "</ul>\n";
    for note in &scenario.notes {
        writeln!(page, "<p class=\"note\">{}</p>", escaped(note)).expect(SUNK);
    }
}

fn tail(page: &mut String, report: &Report) {
    if !report.scenario.sources.is_empty() {
        *page += "<h2>Where the scenario’s figures come from</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Figure</th>\
                  <th class=\"text\">How it was come by</th><th class=\"text\">From whom</th></tr></thead>\n<tbody>\n";
        for source in &report.scenario.sources {
            writeln!(
                page,
                "<tr><th>{}</th><td class=\"text\"><span class=\"kind {kind}\">{kind}</span></td><td class=\"text\">{}</td></tr>",
                escaped(&source.figure),
                escaped(&source.note),
                kind = escaped(source.kind),
            )
            .expect(SUNK);
        }
        *page += "</tbody></table></div>\n";
    }
    *page += "<h2>Definitions</h2>\n<dl>\n";
    for row in &report.comparison.metrics {
        let (name, text) = (escaped(&row.name), escaped(&row.definition));
        writeln!(page, "<dt>{name} <code class=\"soft\">{}</code></dt><dd>{text}.</dd>", row.id).expect(SUNK);
    }
    let error = 100.0 * crate::lab::metrics::ERROR;
    write!(
        page,
        "</dl>\n<p class=\"soft\">Shares are ratios of sums over all replications and percentiles are of all customers \
         together; their intervals are jackknifed over replications. Waits of a run of more than {} customers are \
         rounded, by {error:.3} % at most, for percentiles alone.</p>\n\
         <h2>To repeat it</h2>\n<pre>{}</pre>\n<p class=\"soft\">Chatter {}. Hash of all runs: <code>{}</code>; the same \
         command gives the same hash on every machine.</p>\n",
        crate::lab::metrics::EXACT_MAX,
        escaped(&report.run.command),
        escaped(&report.run.version),
        escaped(&report.run.hash),
    )
    .expect(SUNK);
}
