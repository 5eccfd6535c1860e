/// How the page looks: one column, system fonts, one accent; light or dark as the reader has it.
///
/// The colours of classes and statistics are told apart with the common kinds of colour blindness;
/// nothing is said by colour alone.
enum Stylesheet {
  static let text: Markup = """

    :root{--page:#fbfbfa;--card:#fff;--ink:#1d2226;--soft:#59636b;--rule:#dde1e4;--faint:#eceff1;\
    --accent:#11608f;--bad:#b3261e;--warn:#8a5a00;--good:#1d6b45;--alarm:rgba(196,48,36,.13);\
    --band:#c9d0d5;--c0:#2f6fb0;--c1:#e3a02f;--c2:#2a9d84;--c3:#b274b8;--c4:#86c5ea;--c5:#8b6b43;\
    --c6:#47525b;--other:#b4bbc0;--none:#e6e9eb}
    @media screen and (prefers-color-scheme:dark){:root{--page:#14181b;--card:#1b2024;--ink:#e4e8ea;\
    --soft:#9ca7ae;--rule:#333b41;--faint:#262d32;--accent:#6bb6e6;--bad:#ff8a80;--warn:#e8b864;\
    --good:#7fcfa4;--alarm:rgba(255,110,98,.17);--band:#3f4a51;--c0:#5b9bdb;--c1:#e6ad4a;\
    --c2:#3db79c;--c3:#c791cc;--c4:#a5d6f2;--c5:#b8976c;--c6:#93a1ab;--other:#5c666d;--none:#2a3136}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0 auto;max-width:62rem;padding:1.5rem 1.25rem 3rem;background:var(--page);\
    color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",\
    "Noto Sans",sans-serif;overflow-wrap:anywhere}
    h1,h2,h3,h4,h5,h6{line-height:1.25;text-wrap:balance;font-weight:600}
    h1{font-size:1.75rem;margin:.1rem 0 .25rem}
    h2{font-size:1.25rem;margin:0 0 .75rem}
    h3{font-size:1.02rem;margin:1.25rem 0 .4rem}
    p{margin:.4rem 0 .7rem;max-width:46rem}
    a{color:var(--accent)}
    code{font:.9em/1.4 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
    pre{background:var(--faint);padding:.75rem;overflow-x:auto;border-radius:4px}
    .kicker{margin:0;color:var(--soft);font-size:.85rem}
    .period,.fine,.empty,footer{color:var(--soft)}
    .fine,footer{font-size:.875rem}
    .empty{font-style:normal}
    .bad{color:var(--bad)}
    .good{color:var(--good)}
    .findings{list-style:none;margin:1rem 0;padding:0;border-top:1px solid var(--rule)}
    .findings li{display:flex;gap:.75rem;padding:.5rem 0;border-bottom:1px solid var(--rule)}
    .findings b{flex:0 0 4.5rem;font-weight:600;color:var(--soft)}
    .findings span{min-width:0}
    .findings .bad{color:inherit}
    .findings .bad b{color:var(--bad)}
    .findings .warning b{color:var(--warn)}
    .findings .good{color:inherit}
    .findings .good b{color:var(--good)}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:1px;\
    background:var(--rule);border:1px solid var(--rule);border-radius:6px;overflow:hidden}
    .tile{background:var(--card);padding:.7rem .85rem .6rem}
    .tile p{margin:0}
    .tile .name,.tile .note{font-size:.8125rem;color:var(--soft)}
    .tile .value{font-size:1.25rem;font-weight:600;line-height:1.35;\
    font-variant-numeric:tabular-nums}
    .tile.bad{color:inherit}
    .tile.bad .value,.tile.bad .note{color:var(--bad)}
    nav{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:1.1rem 0 0;font-size:.9rem}
    nav a{text-decoration:none}
    nav a:hover{text-decoration:underline}
    section{margin-top:2.25rem;padding-top:1.25rem;border-top:1px solid var(--rule)}
    .chart{margin:.75rem 0 1.25rem}
    figcaption{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .6rem;\
    margin-bottom:.45rem;font-size:.875rem}
    figcaption .name{font-weight:600}
    .unit,.legend{color:var(--soft)}
    .legend{display:flex;flex-wrap:wrap;gap:.1rem .9rem;margin-left:auto}
    .key{white-space:nowrap}
    .swatch{display:inline-block;width:.75rem;height:.75rem;margin-right:.4rem;\
    vertical-align:-.06rem;border-radius:2px;background:var(--other)}
    .plot{display:grid;grid-template-columns:3.6rem minmax(0,1fr)}
    .ylabels{position:relative;font-size:.75rem;color:var(--soft);\
    font-variant-numeric:tabular-nums}
    .ylabels span{position:absolute;right:.5rem;transform:translateY(50%);white-space:nowrap;\
    line-height:1}
    .plot svg{display:block;width:100%;background:var(--card);overflow:hidden}
    .xlabels{position:relative;grid-column:2;height:1.35rem;font-size:.75rem;color:var(--soft);\
    font-variant-numeric:tabular-nums}
    .xlabels span{position:absolute;top:.3rem;transform:translateX(-50%);white-space:nowrap;\
    line-height:1}
    .xlabels.days{height:2.3rem}
    .xlabels small{display:block;margin-top:.25rem;font-size:1em}
    .xlabels .first{transform:none}
    .xlabels .last{transform:translateX(-100%)}
    svg path,svg rect{vector-effect:non-scaling-stroke}
    .grid{stroke:var(--rule);stroke-width:1;fill:none}
    .grid.faint{stroke:var(--faint)}
    .line{fill:none;stroke-width:1.75;stroke-linejoin:round;stroke:var(--soft)}
    .fill{stroke:none}
    .alarm{fill:var(--alarm);stroke:none}
    .hint{fill:transparent}
    .hint:hover{fill:var(--ink);fill-opacity:.08}
    path.accent{stroke:var(--accent)}
    path.fill.accent{fill:var(--accent)}
    path.accent.soft{stroke:none;fill-opacity:.22}
    .swatch.accent{background:var(--accent)}
    .swatch.accent.soft{opacity:.3}
    path.high{stroke:var(--c1)}
    .swatch.high{background:var(--c1)}
    path.maximum{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3}
    .swatch.maximum{height:0;background:none;border-top:2px dashed var(--soft);vertical-align:.22rem;\
    border-radius:0}
    path.fill.reference{fill:var(--band);fill-opacity:.6}
    .swatch.reference{background:var(--band)}
    path.reference-line{stroke:var(--soft);stroke-width:1;stroke-dasharray:6 4}
    .swatch.reference-line{height:0;background:none;border-top:2px dashed var(--soft);\
    vertical-align:.22rem;border-radius:0}
    path.threshold{stroke:var(--bad);stroke-width:1.25;stroke-dasharray:7 4}
    .swatch.threshold{height:0;background:none;border-top:2px dashed var(--bad);\
    vertical-align:.22rem;border-radius:0}
    \(colours)path.fill.undecided{fill:var(--none)}
    .swatch.undecided{background:var(--none);outline:1px solid var(--rule)}
    path.fill.other{fill:var(--other)}
    .scroll{overflow-x:auto;margin:.6rem 0 1rem}
    table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;\
    min-width:min(100%,26rem)}
    caption{text-align:left;font-weight:600;padding:.2rem 0 .3rem}
    th,td{text-align:left;padding:.3rem .9rem .3rem 0;border-bottom:1px solid var(--faint);\
    vertical-align:top;font-weight:400;overflow-wrap:break-word}
    thead th{color:var(--soft);border-bottom-color:var(--rule);font-size:.8125rem;\
    vertical-align:bottom}
    .number{text-align:right;white-space:nowrap}
    td:last-child,th:last-child{padding-right:0}
    td .swatch,th .swatch{float:left;margin-top:.2rem}
    .alarm-card{border-left:3px solid var(--rule);padding:.1rem 0 .1rem .9rem;margin:.9rem 0}
    .alarm-card.up{border-left-color:var(--bad)}
    .alarm-card h3{margin:.1rem 0 .2rem;display:flex;flex-wrap:wrap;gap:.1rem .8rem}
    .alarm-card p{margin:.15rem 0}
    .when{font-weight:400;color:var(--soft);font-size:.875rem}
    .channel{margin-top:1.5rem}
    .channel>h3{font-size:1.1rem;margin-bottom:.1rem}
    .card{border-left:3px solid var(--rule);padding-left:1rem;margin-top:1.25rem}
    .card hr{border:0;border-top:1px solid var(--rule)}
    footer{margin-top:2.5rem;border-top:1px solid var(--rule);padding-top:.75rem}
    @media (max-width:36rem){body{padding:1rem .9rem 2rem;font-size:15px}h1{font-size:1.45rem}\
    .tiles{grid-template-columns:1fr 1fr}.plot{grid-template-columns:3.1rem minmax(0,1fr)}\
    .legend{margin-left:0}.xlabels .odd{display:none}.findings li{display:block}\
    .findings b{display:block;font-size:.8125rem}table,thead th{font-size:.78rem}\
    th,td{padding-right:.45rem}}
    @media print{:root{--page:#fff;--card:#fff}body{max-width:none;padding:0;font-size:10pt}\
    nav{display:none}.chart,.tile,.alarm-card,tr{break-inside:avoid}h2,h3{break-after:avoid}\
    .scroll{overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}

    """

  /// Classes as areas, statistics as lines.
  private static var colours: Markup {
    (0..<7).map { index -> Markup in
      """
      path.fill.c\(index){fill:var(--c\(index))}.swatch.c\(index),.swatch.s\(index)\
      {background:var(--c\(index))}path.s\(index){stroke:var(--c\(index))}

      """
    }.joined()
  }
}
