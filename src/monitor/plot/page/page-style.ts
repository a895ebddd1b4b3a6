/** How the HTML report looks. */

import { fontFamily, inkNames, pageColours } from '../figure/theme.ts'

/** The style sheet of the page; the pictures bring their own. */
export function pageStyle(): string {
  const swatches = inkNames.map((ink) => `.i-${ink}{background:var(--${ink})}`).join('')
  return pageColours() + sheet.replaceAll(/\n\s*/g, '') + swatches
}

const sheet = `
  *{box-sizing:border-box}
  body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 ${fontFamily}}
  main{max-width:1240px;margin:0 auto;padding:28px 20px 48px}
  h1{margin:0;font-size:22px;line-height:1.3;font-weight:600;overflow-wrap:anywhere}
  h2{margin:36px 0 8px;font-size:17px;font-weight:600}
  .facts{margin:4px 0 0;color:var(--muted);font-size:14px}
  .words{margin:18px 0 0;max-width:76ch}
  figure{margin:22px 0 0}
  input[type=radio]{position:absolute;opacity:0;pointer-events:none}
  label{display:inline-block;margin-right:4px;padding:3px 12px;border:1px solid var(--grid);
    border-radius:6px;color:var(--muted);font-size:13px;cursor:pointer}
  input:checked+label{background:var(--text);border-color:var(--text);color:var(--bg)}
  input:focus-visible+label{outline:2px solid var(--shared);outline-offset:2px}
  .picture{margin-top:10px;overflow-x:auto;touch-action:pan-y}
  .picture:focus-visible{outline:2px solid var(--shared);outline-offset:2px}
  .picture svg{display:block;width:100%;min-width:760px;height:auto}
  #by-process:checked~.kind,#by-kind:checked~.process{display:none}
  .wide{overflow-x:auto}
  table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
  th,td{padding:5px 10px;border-bottom:1px solid var(--grid);text-align:right;white-space:nowrap}
  th{color:var(--muted);font-weight:500}
  th:first-child,td:first-child{text-align:left;padding-left:0;white-space:normal;
    overflow-wrap:anywhere;min-width:12ch}
  td.top{font-weight:600}
  td .bar{display:inline-block;height:9px;border-radius:2px;background:var(--shared);
    vertical-align:baseline}
  td .room{display:inline-block;width:80px;margin-right:8px;text-align:left}
  td .size{display:inline-block;min-width:4.6em}
  .notes{margin:32px 0 0;max-width:90ch;color:var(--muted);font-size:13px}
  .more{margin:6px 0 0;color:var(--muted);font-size:13px}
  #tip{position:absolute;z-index:1;padding:8px 11px;border:1px solid var(--grid);border-radius:7px;
    background:var(--bg);box-shadow:0 4px 16px #0003;font-size:13px;line-height:1.55;
    pointer-events:none;font-variant-numeric:tabular-nums;max-width:340px}
  #tip .when{font-weight:600;overflow-wrap:anywhere}
  #tip .row{display:flex;gap:8px;align-items:center}
  #tip .label{flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
  #tip .size{margin-left:14px}
  #tip .swatch{flex:none;width:10px;height:10px;border-radius:2px}
  #tip .sum{height:2px;background:var(--text)}
  #tip .i-cache{border:1px solid var(--muted);
    background:repeating-linear-gradient(135deg,var(--muted) 0 1px,transparent 1px 4px)}
  @media print{label,#tip{display:none}}
`
