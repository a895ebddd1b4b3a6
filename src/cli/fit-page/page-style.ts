/** How the page of a fit looks, without its pictures. */

/** The style sheet, for a page whose colours are variables. */
export const pageStyle = `
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 var(--font)}
main{max-width:1240px;margin:0 auto;padding:26px 18px 48px}
h1{margin:0;font-size:23px;line-height:1.3;font-weight:600;overflow-wrap:anywhere}
h2{margin:0 0 4px;font-size:16px;font-weight:600}
p{margin:0}
.facts,figcaption,.notes{color:var(--muted);font-size:13.5px}
.facts{margin-top:4px;overflow-wrap:anywhere}
.words{max-width:76ch;margin-top:16px;overflow-wrap:anywhere}
.notes{max-width:90ch;margin-top:14px;overflow-wrap:anywhere}
.notes p+p{margin-top:4px}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:34px 44px;margin-top:30px}
figure{margin:0;min-width:0}
figcaption{max-width:60ch;margin-bottom:10px}
figure svg{display:block;width:100%;max-width:480px;height:auto}
.wide{margin-top:36px}
.scroll{overflow-x:auto}
.scroll svg{width:auto;max-width:none}
.memory svg{width:100%;min-width:800px}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;border-bottom:1px solid var(--grid);text-align:right;white-space:nowrap}
th{color:var(--muted);font-weight:500}
th:first-child,td:first-child{min-width:12ch;padding-left:0;text-align:left;white-space:normal;overflow-wrap:anywhere}
tr.best td{font-weight:600}
`
  .trim()
  .replaceAll('\n', '')
