/// The colours and type of pages and figures, for light and dark screens.
///
/// The two data colours and the grey differ in lightness as well as hue (Okabe and Ito, 2008), and each has its own mark
/// or dash, so nothing rests on colour alone. Where more series meet in one figure, `s1` to `s6` are theirs, with a mark and a dash each.
enum ReportStyle {
  private static let light: KeyValuePairs = [
    "paper": "#ffffff", "ink": "#1b1f24", "quiet": "#57606a", "grid": "#e3e6ea", "cell": "#f3f5f7", "first": "#0067a5",
    "second": "#b34700", "third": "#6e7781", "on-heat": "#ffffff", "bar": "#5b9bc8",
    "s1": "#0067a5", "s2": "#b34700", "s3": "#00795a", "s4": "#8f3a78", "s5": "#7a5c00", "s6": "#3b4450",
  ]
  private static let dark: KeyValuePairs = [
    "paper": "#12161b", "ink": "#e6e9ed", "quiet": "#9aa4af", "grid": "#2a3038", "cell": "#1b2027", "first": "#58b4ec",
    "second": "#f0a35e", "third": "#98a2ad", "on-heat": "#0b0f13", "bar": "#3d7ba6",
    "s1": "#58b4ec", "s2": "#f0a35e", "s3": "#4fcaa3", "s4": "#dd97c8", "s5": "#e3c75a", "s6": "#c3cbd4",
  ]

  static let colours = ":root{\(declarations(light))}\n@media (prefers-color-scheme:dark){:root{\(declarations(dark))}}\n"

  /// The figures' style in light colours, without variables and with fonts that Linux machines have.
  static let printed = light.reduce(figures.replacing(screenFonts, with: "")) { $0.replacing("var(--\($1.key))", with: $1.value) }

  private static func declarations(_ colours: KeyValuePairs<String, String>) -> String {
    colours.map { "--\($0.key):\($0.value)" }.joined(separator: ";")
  }

  /// Each system's own; the list goes on with what is drawn alike everywhere.
  private static let screenFonts = "system-ui,-apple-system,\"Segoe UI\",Roboto,"

  static let figures = """
    svg{font-family:\(screenFonts)"Liberation Sans","DejaVu Sans",sans-serif;font-size:12px}
    .ground{fill:var(--paper)}.ink{fill:var(--ink)}.quiet{fill:var(--quiet)}.on-heat{fill:var(--on-heat);font-weight:600}
    .grid{stroke:var(--grid);stroke-width:1}.axis{stroke:var(--quiet);stroke-width:1}.mark{stroke:var(--quiet);stroke-width:1;stroke-dasharray:3 3}
    .cell{fill:var(--cell)}.heat{fill:var(--first)}.bar{fill:var(--bar)}
    .line{fill:none;stroke-width:2;stroke-linejoin:round}.line.first{stroke:var(--first)}.line.second{stroke:var(--second);stroke-dasharray:6 3}
    .point.first{fill:var(--first);fill-opacity:.4}.dot.first{fill:var(--first)}.dot.second{fill:var(--second)}
    .fill.third{fill:var(--third)}.hollow{fill:var(--paper);stroke-width:2}.hollow.second{stroke:var(--second)}
    .whisker{stroke-width:2}.whisker.first{stroke:var(--first)}.whisker.ink-line{stroke:var(--ink);stroke-width:1.5}
    \(series)
    .band{fill:var(--third);fill-opacity:.28}.head{font-weight:600;fill:var(--ink)}.small{font-size:11px}
    .name{font-weight:600}.name.first{fill:var(--first)}.name.second{fill:var(--second)}.name.third{fill:var(--third)}

    """

  /// Up to six series in one figure: colour, dash and weight of each.
  private static let series = ["", "7 3", "2 2", "9 3 2 3", "4 2", "1 3"].enumerated().map { index, dash in
    let name = "s\(index + 1)"
    let dashes = dash.isEmpty ? "" : ";stroke-dasharray:\(dash)"
    return ".line.\(name){stroke:var(--\(name))\(dashes)}.dot.\(name){fill:var(--\(name))}.whisker.\(name){stroke:var(--\(name));stroke-width:1.25}.name.\(name){fill:var(--\(name))}"
  }.joined(separator: "\n")

  static let page = """
    *{box-sizing:border-box}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 \(screenFonts)"Liberation Sans","DejaVu Sans",sans-serif}
    main{max-width:1040px;margin:0 auto;padding:24px 16px 64px}
    h1{font-size:1.7rem;line-height:1.2;margin:0 0 8px}h2{font-size:1.3rem;margin:48px 0 8px;padding-top:16px;border-top:1px solid var(--grid)}
    h3{font-size:1rem;margin:0 0 8px}
    .notice{border-left:4px solid var(--second);padding:8px 12px;background:var(--cell);margin:16px 0}
    .note{color:var(--quiet);margin:8px 0}
    dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 16px;margin:16px 0;font-size:.9rem}
    dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
    .scroll{overflow-x:auto;margin:16px 0;background:linear-gradient(to left,var(--paper) 50%,transparent) right/48px 100% no-repeat local,linear-gradient(to left,var(--grid),transparent) right/20px 100% no-repeat scroll}
    table{border-collapse:separate;border-spacing:0;font-variant-numeric:tabular-nums;font-size:.9rem;line-height:22px;width:100%}
    caption{text-align:left;color:var(--quiet);padding-bottom:6px;max-width:calc(min(100vw,1040px) - 32px)}
    th,td{padding:6px 10px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
    th{font-weight:600;white-space:normal;vertical-align:bottom;min-width:5.5rem}th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:var(--paper)}
    th.words,td.words{text-align:left}td small{color:var(--quiet)}.best{font-weight:700}
    @media (max-width:640px){td:first-child,td.long{white-space:normal;min-width:7.5rem}}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:24px 32px;margin-top:16px}
    figure{margin:0;min-width:0}figcaption{font-weight:600;margin-bottom:6px}
    figure svg{display:block;width:100%;max-width:520px;height:auto}
    footer{margin-top:48px;color:var(--quiet);font-size:.85rem}
    nav{display:flex;flex-wrap:wrap;gap:4px 16px}a{color:var(--first)}

    """
}
