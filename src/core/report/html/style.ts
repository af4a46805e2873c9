/** The style sheet of the page, and its hash for the Content Security Policy (a test computes it again). */

/** SHA-256 of `STYLE`, as a CSP source. */
export const STYLE_HASH = "sha256-lUz+iVQco2KCU76f6ipycDQ9r99+JlqWPFrzNLqrFwI=";

/** The style sheet. System fonts only; colours keep 4.5:1 against what they stand on, in light and in dark. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#1b1a17;--quiet:#62605a;--rule:#e4e1d9;--code:#f3f1ec;
--good:#1a6b3f;--bad:#b3261e;--warn:#875200;--good-tint:#e4f2e8;--bad-tint:#fbe6e3;--warn-tint:#faeed6;--was:#b9b4a8;--accent:#1a6b3f;--link:#1d4f91}
@media (prefers-color-scheme:dark){:root{--paper:#131311;--card:#1b1b18;--ink:#edebe4;--quiet:#a6a298;--rule:#32312c;--code:#232320;
--good:#72d199;--bad:#ff9086;--warn:#f0b858;--good-tint:#16301f;--bad-tint:#3c1a17;--warn-tint:#352813;--was:#5d5a52;--accent:#72d199;--link:#8fbcff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth;scroll-padding-top:4rem}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:400 1rem/1.55 Inter,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
h1,h2,h3,p,ul,ol,dl,dd,figure,pre{margin:0;padding:0}
ul,ol{list-style:none}
code,pre,.setting{font-family:ui-monospace,"SF Mono","JetBrains Mono","Cascadia Code",Menlo,Consolas,monospace;font-size:.86em}
bdi,code,dd,dt,td,p,h1,li,.title{overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:3px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:1rem;top:-4rem;background:var(--card);padding:.5rem 1rem;z-index:2}
.skip:focus{top:.5rem}
nav{position:sticky;top:0;z-index:1;background:var(--paper);border-bottom:1px solid var(--rule)}
nav ul{max-width:60rem;margin:auto;padding:.55rem 1.25rem;display:flex;flex-wrap:wrap;gap:.1rem 1.25rem}
nav a{color:var(--quiet);text-decoration:none;font-size:.86rem;display:inline-block;padding:.15rem 0}
nav a:hover{color:var(--ink);text-decoration:underline}
main,footer{max-width:60rem;margin:auto;padding:0 1.25rem}
section,footer{padding-top:3.75rem}
h2{font-size:1.45rem;line-height:1.25;font-weight:650;letter-spacing:-.015em;margin-bottom:.9rem}
h3{font-size:1rem;font-weight:650;margin:1.9rem 0 .35rem}
.intro,footer p{color:var(--quiet);max-width:42rem;margin-bottom:1rem}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.quiet{color:var(--quiet)}
.mark{display:inline-block;width:1.1em;text-align:center;font-weight:700}
.verdict{padding-top:3rem}
.brand{display:flex;align-items:center;gap:.5rem;font-weight:650;font-size:.9rem}
.brand span{color:var(--quiet);font-weight:400}
.brand path{fill:none;stroke:var(--ink);stroke-width:2}
h1{font-size:clamp(1.9rem,6vw,3rem);line-height:1.1;font-weight:700;letter-spacing:-.03em;margin:1.5rem 0 1rem}
.lead{font-size:1.15rem;line-height:1.5;max-width:44rem}
.badge{display:inline-block;font-size:.8rem;font-weight:650;letter-spacing:.02em;padding:.16rem .65rem;border-radius:2rem;margin-right:.35rem;vertical-align:.12em}
.badge.good{background:var(--good-tint)}.badge.bad{background:var(--bad-tint)}.badge.warn{background:var(--warn-tint)}
.facts{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin-top:1.25rem;font-size:.86rem}
.facts div{display:flex;gap:.4rem}.facts dt{color:var(--quiet)}
.exposure,.tile,.plan,.goals,.attacks,.drop-in,.doors{background:var(--card);border:1px solid var(--rule);border-radius:10px}
.exposure{padding:1.25rem 1.4rem .9rem}
.exposure figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:.25rem 1.5rem;margin-bottom:.6rem}
.exposure-label{color:var(--quiet);font-size:.9rem}
.exposure-figure,.figure{font-weight:650;letter-spacing:-.02em;font-size:1.9rem;line-height:1.2;font-variant-numeric:tabular-nums}
.figure{white-space:nowrap}
.exposure-figure small{font-size:.8rem;letter-spacing:.02em}
.was{color:var(--quiet);font-weight:450}.arrow{color:var(--quiet);font-weight:400;font-size:.7em;vertical-align:.12em}
.exposure svg{overflow:visible;display:block}
.zone-0{fill:var(--good)}.zone-1{fill:var(--good);opacity:.55}.zone-2{fill:var(--warn);opacity:.45}.zone-3{fill:var(--bad);opacity:.4}.zone-4{fill:var(--bad);opacity:.7}
.tick{stroke:var(--card);stroke-width:2}
.zone-word{font-size:10.5px;fill:var(--quiet);letter-spacing:.03em}
circle.was{fill:var(--card);stroke:var(--quiet);stroke-width:2.5}
circle.now{fill:var(--ink);stroke:var(--card);stroke-width:2.5}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:.8rem;margin-top:.8rem}
.tile{padding:1rem 1.1rem;min-width:0}
.tile h3{margin:0 0 .15rem;font-size:.86rem;font-weight:450;color:var(--quiet)}
.bars{display:block;margin:.5rem 0 .55rem}
rect.was{fill:var(--was)}rect.now{fill:var(--accent)}
.note{font-size:.8rem;line-height:1.4;color:var(--quiet)}
.workload{margin-top:1rem}
.plans{display:grid;grid-template-columns:1fr 1fr;gap:.8rem}
.plan{padding:.9rem 1rem 1rem}
.plan figcaption{font-weight:650;font-size:.95rem;margin-bottom:.5rem}
.plan svg{display:block;width:100%;max-width:26rem;margin:auto}
.room{fill:transparent}.room.open{fill:var(--bad-tint)}.room.closed{fill:var(--code)}.room.partial{fill:var(--code)}
.hall{fill:none}
.outer{fill:none;stroke:var(--quiet);stroke-width:1.5}
.partition{fill:none;stroke:var(--quiet);stroke-width:1}
.wall{fill:none;stroke:var(--ink);stroke-width:6}
.gone{fill:none;stroke:var(--bad);stroke-width:1.5;stroke-dasharray:4 5}
.leaf{fill:none;stroke:var(--ink);stroke-width:2}
.swing{fill:none;stroke:var(--quiet);stroke-width:1}
.plan .name{font-size:13px;font-weight:600;fill:var(--ink)}
.plan .state{font-size:11px;fill:var(--quiet)}
.plan .unit{font-size:13px;font-weight:600;fill:var(--ink)}
table{border-collapse:collapse;width:100%;font-size:.92rem;margin-top:1.25rem}
th,td{text-align:left;vertical-align:top;padding:.5rem 1rem .5rem 0;border-bottom:1px solid var(--rule)}
thead th{font-weight:450;font-size:.86rem;color:var(--quiet)}tbody th{font-weight:600;width:7rem}
.namespaces{display:flex;flex-wrap:wrap;gap:.4rem}
.namespaces li{border:1px solid var(--rule);border-radius:2rem;padding:.22rem .7rem;font-size:.84rem;color:var(--quiet)}
.namespaces strong{font-weight:600;color:var(--ink)}
.namespaces .own{background:var(--good-tint);border-color:transparent;color:var(--good)}
.group .count{color:var(--quiet);font-weight:450}
.goals{list-style:none;margin:0;padding:0}.goals li{display:grid;grid-template-columns:1.3rem minmax(0,1fr) minmax(0,1.1fr);gap:.6rem;padding:.55rem 1rem;align-items:baseline}.goals li+li{border-top:1px solid var(--rule)}.how{color:var(--quiet)}
.attacks details+details{border-top:1px solid var(--rule)}
summary{display:grid;grid-template-columns:1.3rem minmax(0,1fr) minmax(0,22rem) .8rem;gap:.3rem .7rem;align-items:baseline;padding:.62rem 1.1rem;cursor:pointer;list-style:none;border-radius:10px}
summary::-webkit-details-marker{display:none}
summary::after{content:"";grid-column:-2/-1;grid-row:1;width:.42rem;height:.42rem;border:solid var(--quiet);border-width:0 1.5px 1.5px 0;transform:rotate(45deg) translateY(-.2rem);justify-self:end}
details[open]>summary::after{transform:rotate(-135deg) translateY(-.1rem)}
summary:hover .title{text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:.18em}
.by{color:var(--quiet);font-size:.86rem}
details[open] .by{display:none}
:target>summary{background:var(--warn-tint)}
.body{padding:.1rem 1.1rem 1.1rem 3.1rem}
.result+.result{margin-top:1.1rem}
.identity{font-weight:600;margin-bottom:.2rem}
.result dl div{display:grid;grid-template-columns:9rem minmax(0,1fr);gap:.5rem;font-size:.92rem;padding:.08rem 0}
dt{color:var(--quiet)}
.answer{color:var(--quiet);font-size:.92rem;margin-top:.1rem}
pre{background:var(--code);border-radius:6px;padding:.65rem .85rem;margin-top:.3rem;white-space:pre-wrap;overflow-wrap:anywhere}
.drop-in>li,.doors>li{padding:.8rem 1.1rem}
.drop-in>li+li,.doors>li+li{border-top:1px solid var(--rule)}
.setting{display:block;line-height:1.55}
.setting b{font-weight:650}
.drop-in p,.doors p{color:var(--quiet);font-size:.92rem;margin-top:.15rem;max-width:46rem}
.stops{display:flex;gap:.6rem;font-size:.84rem;margin-top:.25rem;color:var(--good)}
.stops>span{flex:none}.stops ul{display:inline;line-height:1.5}.stops li{display:inline}.stops li+li::before{content:" · ";color:var(--quiet)}
.stops a{color:var(--ink);text-decoration-color:var(--rule)}
.stops a:hover{text-decoration-color:currentColor}
.label{font-weight:600}
.list li{padding-left:1.1rem;position:relative;max-width:46rem}.list li+li{margin-top:.4rem}
.list li::before{content:"";position:absolute;left:0;top:.68em;width:.5rem;height:1.5px;background:var(--warn)}
.terms div{display:grid;grid-template-columns:13rem minmax(0,1fr);gap:.1rem 1rem;padding:.15rem 0}
#limits~.intro{margin-top:1.9rem}
footer{padding-bottom:4rem;font-size:.86rem}
footer h2{font-size:1rem}
.hashes div{display:grid;grid-template-columns:13rem minmax(0,1fr);gap:.1rem 1rem;padding:.1rem 0}
@media (max-width:52rem){.goals li{grid-template-columns:1.3rem minmax(0,1fr)}.goals .how{grid-column:2}.tiles{grid-template-columns:1fr 1fr}summary{grid-template-columns:1.3rem minmax(0,1fr) .8rem}.by{grid-column:2;grid-row:2}details[open] .by{display:none}}
@media (max-width:40rem){nav{position:static}.plans{grid-template-columns:1fr}.body{padding-left:1.1rem}.terms div,.hashes div,.result dl div{grid-template-columns:1fr;gap:0;padding:.25rem 0}
.zone-word-3{display:none}.exposure,.tile{padding-left:1rem;padding-right:1rem}.exposure-figure{font-size:1.6rem}.figure{font-size:1.4rem}section,footer{padding-top:3rem}
thead{display:none}tbody tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--rule)}tbody th,td{display:block;border:0;padding:0;width:auto}td::before{content:attr(data-label) ": ";color:var(--quiet)}}
@media (max-width:22rem){.tiles{grid-template-columns:1fr}}
@media print{nav,.skip{display:none}body{background:#fff}details::details-content{content-visibility:visible;block-size:auto}details{break-inside:avoid}summary::after{display:none}section{padding-top:2rem}h2,h3{break-after:avoid}}
`;
