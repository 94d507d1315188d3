/** The page's whole style: no font, picture or script from elsewhere; light and dark; one column on a phone. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--ink:#1c2024;--soft:#5b636b;--line:#dfe3e6;--track:#eceff1;
--passed:#1f8a4c;--partial:#84a83a;--failed:#8a949e;--agent_error:#b8581f;--timeout:#c99a12;--infra_error:#c42f45;
--eval_error:#8d4bc0;--cancelled:#6f7780;--pending:#aab2b9;--open:#aab2b9;--accent:#2563b8}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1c2024;--ink:#e8eaec;--soft:#9aa4ad;--line:#30363c;
--track:#2a3036;--passed:#3fb873;--partial:#a3c658;--failed:#7b858f;--agent_error:#e0813f;--timeout:#e0b53a;
--infra_error:#ee5d72;--eval_error:#b583e0;--cancelled:#8b949d;--pending:#59626b;--open:#59626b;--accent:#6ea6ee}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:68rem;margin:0 auto;padding:1.25rem 1rem 4rem}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:0 0 .75rem}
p{margin:.4rem 0}.soft{color:var(--soft)}small,.small{font-size:.85rem}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem;margin-top:1rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin-top:1rem}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.7rem .9rem}
.tile b{display:block;font-size:1.45rem;line-height:1.3;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:.85rem}
.note{border-left:4px solid var(--timeout);padding:.4rem .8rem;background:var(--card);border-radius:4px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--soft)}td.n,th.n{text-align:right;white-space:nowrap}tr:last-child td{border-bottom:0}
.bars{display:grid;grid-template-columns:minmax(7rem,14rem) 1fr auto;gap:.35rem .75rem;align-items:center;font-size:.9rem}
#failures .bars{grid-template-columns:minmax(7rem,24rem) 1fr auto}details table{min-width:36rem}
.bars .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bars .val{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.bars svg,.lane svg{display:block;width:100%}.bars svg{height:.95rem}.lane svg{height:1.4rem}
.tall{max-height:26rem;overflow-y:auto;padding-right:.4rem}
.lane{display:grid;grid-template-columns:4rem 1fr;gap:.5rem;align-items:center;margin:.3rem 0;font-size:.9rem}
.axis{display:flex;justify-content:space-between;margin-left:4.5rem;color:var(--soft);font-size:.8rem}
.legend{display:flex;flex-wrap:wrap;gap:.25rem .9rem;font-size:.85rem;color:var(--soft);margin-top:.6rem}
.legend i,.dot{display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin-right:.35rem;background:var(--c)}
details{border-top:1px solid var(--line);padding:.45rem 0}details:first-of-type{border-top:0}
summary{cursor:pointer;display:flex;flex-wrap:wrap;gap:.1rem .75rem;align-items:baseline}
summary::before{content:"\\25b8";color:var(--soft)}details[open]>summary::before{content:"\\25be"}
summary .id{overflow-wrap:anywhere;flex:1 1 16rem;min-width:0}summary .more{color:var(--soft);font-size:.85rem}
.state{--c:var(--soft);font-weight:600;font-size:.85rem;white-space:nowrap}
.steps{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr));gap:.8rem;margin-top:.6rem;
padding:0;list-style:none}
.steps li{border:1px solid var(--line);border-radius:8px;overflow:hidden;min-width:0}
.steps img{display:block;width:100%;height:auto;background:var(--track)}.steps div{padding:.4rem .6rem;font-size:.85rem}
code,pre{font:.85em/1.45 ui-monospace,SFMono-Regular,Consolas,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
pre{margin:.2rem 0;max-height:9rem;overflow-y:auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0;font-size:.9rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media(max-width:34rem){.bars,#failures .bars{grid-template-columns:1fr auto}.bars .name{grid-column:1/3;margin-bottom:-.3rem}
.lane{grid-template-columns:2.6rem 1fr}.axis{margin-left:3.1rem}dl{grid-template-columns:1fr}dt{margin-top:.3rem}}
`;
