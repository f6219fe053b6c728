#include "client/report/page.h"

#include "absl/strings/str_cat.h"

namespace roicast::client {
namespace {

constexpr char kStyle[] = R"css(
:root{color-scheme:light;--page:#f4f6f8;--card:#fff;--ink:#17202c;--muted:#586577;--line:#dde2e9;--grid:#e8ecf1;
--one:#1f66c7;--two:#c8550b;--three:#0a8066;--four:#8645b5;--quiet:#8a97a8;--good:#10713f;--good-soft:#e4f4ea;
--warn:#8a5200;--warn-soft:#fdf1dc;--bad:#b0271f;--bad-soft:#fde9e7;--link:#1a56ad}
@media (prefers-color-scheme:dark){:root{color-scheme:dark;--page:#11161d;--card:#19202a;--ink:#e6ebf2;--muted:#9aa8ba;
--line:#2d3846;--grid:#27313d;--one:#6aa5f5;--two:#f0974f;--three:#4cc3a5;--four:#c595ea;--quiet:#6e7d90;--good:#67cf95;
--good-soft:#15311f;--warn:#f0b45c;--warn-soft:#372a13;--bad:#ff8f85;--bad-soft:#3b1d1b;--link:#8dbbff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Inter,"Helvetica Neue",Arial,"Noto Sans",sans-serif}
main,header,footer{max-width:1080px;margin:0 auto;padding:0 20px}
header{padding-top:36px}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:0 0 10px;letter-spacing:-.005em}
h3{font-size:1.02rem;margin:26px 0 8px}
p{margin:8px 0;max-width:74ch}
a{color:var(--link)}
code,pre{font:.87em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{background:var(--grid);padding:1px 5px;border-radius:4px;overflow-wrap:anywhere}
.sub{color:var(--muted);margin:0;max-width:none;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:18px 0 22px;padding-bottom:12px;border-bottom:1px solid var(--line)}
nav a{text-decoration:none;font-size:.93rem}
nav a:hover{text-decoration:underline}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:22px 24px;margin:0 0 18px}
.lead{font-size:1.06rem}
.verdict{border-left:5px solid var(--quiet);background:var(--grid);border-radius:8px;padding:12px 16px;margin:0 0 16px}
.verdict strong{display:block;font-size:1.12rem}
.verdict.good{border-color:var(--good);background:var(--good-soft)}.verdict.good strong{color:var(--good)}
.verdict.warn{border-color:var(--warn);background:var(--warn-soft)}.verdict.warn strong{color:var(--warn)}
.verdict.bad{border-color:var(--bad);background:var(--bad-soft)}.verdict.bad strong{color:var(--bad)}
.verdict p{margin:4px 0 0;max-width:none}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:16px 0}
.card{border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.card b{display:block;font-size:1.65rem;line-height:1.2;font-weight:650;font-variant-numeric:tabular-nums}
.card span{display:block;color:var(--muted);font-size:.86rem;line-height:1.4}
.card span.name{color:var(--ink);font-weight:600;font-size:.88rem}
ul.plain{padding-left:20px;margin:10px 0}ul.plain li{margin:5px 0;max-width:76ch;overflow-wrap:anywhere}
.grid{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:26px 30px;margin:16px 0 4px}
figure{margin:0;min-width:0}
figcaption{font-weight:600;font-size:.97rem;margin-bottom:4px;overflow-wrap:anywhere}
.note{color:var(--muted);font-size:.87rem;line-height:1.45;margin:6px 0 0;overflow-wrap:anywhere}
.missing{border:1px dashed var(--line);border-radius:8px;padding:10px 14px;color:var(--muted);font-size:.93rem;
overflow-wrap:anywhere;max-width:none}
svg.chart{display:block;width:100%;height:auto;overflow:visible}
svg text{font-size:11px;fill:var(--muted);font-family:inherit}
svg text.label{font-size:11.5px}
svg text.rule-text{font-size:10.5px;fill:var(--muted);paint-order:stroke;stroke:var(--card);stroke-width:3px}
svg path.grid{stroke:var(--grid);fill:none}
svg path.axis,svg path.tick{stroke:var(--quiet);fill:none}
svg path.rule{stroke:var(--muted);stroke-dasharray:4 4;fill:none}
svg path.rug{stroke:var(--muted);opacity:.65;fill:none}
svg path.line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
svg path.dashed{stroke-dasharray:5 5;stroke-width:1.8}
svg path.faint{stroke-width:.8;opacity:.28}
svg path.band{opacity:.17;stroke:none}
svg .dots{opacity:.42;stroke:none}
svg .marker{stroke:var(--card);stroke-width:1.5}
svg .whisker{stroke:var(--ink);stroke-width:1.1;fill:none;opacity:.75;vector-effect:non-scaling-stroke}
svg .bar{opacity:.85}svg .spread{opacity:.22}
svg .line.one{stroke:var(--one)}svg .line.two{stroke:var(--two)}svg .line.three{stroke:var(--three)}
svg .line.four{stroke:var(--four)}svg .line.quiet{stroke:var(--quiet)}
svg .one:not(.line){fill:var(--one)}svg .two:not(.line){fill:var(--two)}svg .three:not(.line){fill:var(--three)}
svg .four:not(.line){fill:var(--four)}svg .quiet:not(.line){fill:var(--quiet)}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:.86rem;color:var(--muted);margin:0 0 4px}
.legend span{overflow-wrap:anywhere}
.key{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:6px;vertical-align:-1px}
.key.one{background:var(--one)}.key.two{background:var(--two)}.key.three{background:var(--three)}
.key.four{background:var(--four)}.key.quiet{background:var(--quiet)}
ul.bars{list-style:none;padding:0;margin:10px 0}
ul.bars li{display:grid;grid-template-columns:minmax(90px,26%) 1fr minmax(96px,auto);gap:12px;align-items:center;
padding:4px 0;font-size:.92rem}
ul.bars .name{overflow-wrap:break-word;min-width:0;line-height:1.3}
ul.bars svg{width:100%;height:20px;display:block;overflow:visible}
ul.bars .value{font-variant-numeric:tabular-nums;color:var(--muted);font-size:.88rem;text-align:right}
.scroll{overflow-x:auto;margin:10px 0}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
td{overflow-wrap:break-word;max-width:26em}
th{color:var(--muted);font-weight:600;font-size:.84rem}
th.number,td.number{text-align:right;font-variant-numeric:tabular-nums;padding:6px 0 6px 14px}
td.number{white-space:nowrap}th{vertical-align:bottom}
.warning{border-left:4px solid var(--quiet);padding:4px 12px;margin:10px 0;font-size:.94rem;overflow-wrap:anywhere}
.warning.serious{border-color:var(--bad)}
.warning p{max-width:none;margin:3px 0}
.tag{display:inline-block;font-size:.78rem;font-weight:600;border-radius:20px;padding:1px 10px;background:var(--grid);
color:var(--muted);vertical-align:3px;white-space:nowrap}
.tag.good{background:var(--good-soft);color:var(--good)}.tag.warn{background:var(--warn-soft);color:var(--warn)}
dl{margin:8px 0}dt{font-weight:600;margin-top:10px}dd{margin:2px 0 0;max-width:74ch}
footer{color:var(--muted);font-size:.85rem;padding-bottom:40px;overflow-wrap:anywhere}
@media screen and (max-width:760px){body{font-size:15px}header{padding-top:22px}main,header,footer{padding-left:12px;padding-right:12px}
section{padding:16px 14px;border-radius:10px}.grid{grid-template-columns:minmax(0,1fr);gap:24px}h1{font-size:1.5rem}
.cards{grid-template-columns:repeat(2,minmax(0,1fr))}.card b{font-size:1.35rem}
.card:last-child:nth-child(odd){grid-column:span 2}
ul.bars li{grid-template-columns:minmax(84px,34%) 1fr minmax(76px,auto);gap:8px;font-size:.88rem}
svg text{font-size:12.5px}svg text.label{font-size:12.5px}svg text.rule-text{font-size:12px}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#111;--muted:#4a5563;--line:#ccd3db;--grid:#e8ecf1;
--one:#1f66c7;--two:#c8550b;--three:#0a8066;--four:#8645b5;--quiet:#8a97a8;--good:#10713f;--good-soft:#e4f4ea;
--warn:#8a5200;--warn-soft:#fdf1dc;--bad:#b0271f;--bad-soft:#fde9e7;--link:#1a56ad}
@page{margin:14mm}body{font-size:10.5pt}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
nav{display:none}header,main,footer{padding:0;max-width:none}header{margin-bottom:14px}section{border:none;border-radius:0;padding:0;margin:0 0 22px}
figure,.card,.verdict,.warning,tr,ul.bars li{break-inside:avoid}h2,h3,figcaption,section>p,.legend{break-after:avoid}
.grid{grid-template-columns:repeat(2,minmax(0,1fr));gap:16px 22px}.cards{grid-template-columns:repeat(auto-fit,minmax(105px,1fr));gap:8px}
.card{padding:8px 10px}.card b{font-size:1.2rem}
.scroll{overflow:visible}svg text{font-size:11px}}
)css";

}  // namespace

std::string PageHtml(const Page& page) {
  Markup contents, sections;
  for (const PageSection& section : page.sections) {
    if (section.content.empty()) continue;
    contents.Add(Element("a", absl::StrCat("href=\"#", section.id, "\""), {section.title}));
    sections.Add(
        Element("section", absl::StrCat("id=\"", section.id, "\""), {Element("h2", {section.title}), section.content}));
  }
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
      // A report is data: a browser must run and load nothing that a hostile name might have brought in.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
      "<meta name=\"generator\" content=\"roicast\"/><title>",
      EscapeHtml(page.title), "</title><style>", kStyle, "</style></head>\n<body>",
      Element("header", {Element("h1", {page.title}), page.introduction, Element("nav", {contents})}).html(), "\n",
      Element("main", {sections}).html(), "\n", Element("footer", {page.footer}).html(), "</body></html>\n");
}

}  // namespace roicast::client
