/** How the live page looks. */

import { fontFamily, pageVariables } from '../plot/figure/theme.ts'

/** The style sheet of the page, beside the one of uPlot. */
export function livePageStyle(): string {
  return pageVariables() + sheet.replaceAll(/\n\s*/g, '')
}

const sheet = `
  *{box-sizing:border-box}
  body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 ${fontFamily}}
  main{max-width:1280px;margin:0 auto;padding:24px 20px 48px}
  header{display:flex;flex-wrap:wrap;gap:2px 20px;align-items:baseline;justify-content:space-between}
  h1{margin:0;font-size:20px;line-height:1.3;font-weight:600;overflow-wrap:anywhere}
  h2{margin:26px 0 6px;font-size:16px;font-weight:600}
  #state{margin:0;color:var(--muted);font-size:14px;font-variant-numeric:tabular-nums}
  #state::before{content:"";display:inline-block;width:9px;height:9px;margin-right:7px;
    border-radius:50%;background:var(--muted)}
  #state.running::before{background:var(--p2)}
  #state.failed::before{background:var(--alarm)}
  #tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:10px;margin-top:16px}
  .tile{padding:9px 14px 10px;border:1px solid var(--grid);border-radius:8px}
  .tile .label{color:var(--muted);font-size:13px}
  .tile .value{font-size:22px;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums}
  .tile .more{color:var(--muted);font-size:12.5px;font-variant-numeric:tabular-nums;
    min-height:1.5em;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
  .bar{display:flex;flex-wrap:wrap;gap:8px;align-items:baseline;justify-content:space-between}
  button{margin-left:4px;padding:2px 11px;border:1px solid var(--grid);border-radius:6px;
    background:none;color:var(--muted);font:13px/1.5 ${fontFamily};cursor:pointer}
  button[aria-pressed=true]{background:var(--text);border-color:var(--text);color:var(--bg)}
  button:focus-visible{outline:2px solid var(--shared);outline-offset:2px}
  .charts{display:grid;grid-template-columns:minmax(0,1fr) 240px;gap:18px}
  .chart{min-width:0}
  #memory{height:380px}#cpu,#tasks{height:124px}
  #legend,.now{padding-top:26px;font-size:13px;font-variant-numeric:tabular-nums}
  .now{padding-top:4px}
  #legend .head,.now{color:var(--muted)}
  #legend .head{text-align:right;margin-bottom:3px}
  .row{display:flex;gap:8px;align-items:center;line-height:1.62}
  .row .name{flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
  .row.dim{color:var(--muted)}
  .swatch{flex:none;width:12px;height:12px;border-radius:3px}
  .swatch.sum{height:2px;background:var(--text)}
  .swatch.none{background:none}
  .swatch.i-cache{border:1px solid var(--muted);
    background:repeating-linear-gradient(135deg,var(--muted) 0 1px,transparent 1px 4px)}
  .wide{overflow-x:auto}
  table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
  th,td{padding:5px 10px;border-bottom:1px solid var(--grid);text-align:right;white-space:nowrap}
  th{color:var(--muted);font-weight:500}
  th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal;
    overflow-wrap:anywhere;min-width:14ch}
  td .swatch{display:inline-block;width:10px;height:10px;margin-right:8px}
  tr.ended td{color:var(--muted)}
  .notes{margin:26px 0 0;max-width:90ch;color:var(--muted);font-size:13px}
  .u-select{background:var(--text);opacity:.1}
  .u-cursor-x{border-right-color:var(--text)!important;border-right-style:solid!important;opacity:.5}
  @media (max-width:860px){
    .charts{grid-template-columns:minmax(0,1fr);gap:0}
    #legend{padding-top:8px;columns:2;column-gap:24px}
    #legend .head{column-span:all;text-align:left}
  }
`
