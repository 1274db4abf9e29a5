/** The page's look: system fonts, two colour schemes, one column on a phone. Nothing is loaded from anywhere. */
export const style = `
:root{color-scheme:light dark;--page:#fff;--card:#f6f7f9;--text:#171b21;--quiet:#5b6573;--line:#dde1e7;--int8:#2563eb;--float:#9aa5b4;--head:#0d9488;--sensitive:#d97706;--slower:#8b5cf6;--before:#c3cbd6;--after:#2563eb;--band:#2563eb1c;--good:#15803d;--bad:#b91c1c}
@media (prefers-color-scheme:dark){:root{--page:#0f1216;--card:#181d24;--text:#e8ebef;--quiet:#98a3b2;--line:#2b323c;--int8:#5b93ff;--float:#5f6b7a;--head:#2dd4bf;--sensitive:#f59e0b;--slower:#a78bfa;--before:#3d4754;--after:#7aa8ff;--band:#5b93ff24;--good:#4ade80;--bad:#f87171}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:1200px;margin:0 auto;padding:28px 24px 64px}
h1{font-size:26px;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:18px;margin:40px 0 4px}
h3{font-size:15px;margin:24px 0 8px}
p{margin:0 0 12px;max-width:75ch}
.quiet,figcaption span{color:var(--quiet)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(168px,1fr));gap:12px;margin:20px 0 0;padding:0}
.tiles div{background:var(--card);border-radius:10px;padding:12px 16px;margin:0}
.tiles dt{color:var(--quiet);font-size:13px}
.tiles dd{margin:0;font-size:25px;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}
.tiles dd small{display:block;font-size:13px;font-weight:400;color:var(--quiet)}
.good{color:var(--good)}.bad{color:var(--bad)}
.lead{max-width:none}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:0 40px}
.scroll{overflow-x:auto}
.scroll:focus-visible,select:focus-visible,summary:focus-visible{outline:2px solid var(--int8);outline-offset:2px}
svg{display:block}
svg text{font-size:11px;fill:var(--quiet);font-variant-numeric:tabular-nums}
.grid{stroke:var(--line)}.axis{stroke:var(--quiet)}
.int8{fill:var(--int8);background:var(--int8)}.float{fill:var(--float);background:var(--float)}.head{fill:var(--head);background:var(--head)}
.sensitive{fill:var(--sensitive);background:var(--sensitive)}.slower{fill:var(--slower);background:var(--slower)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:8px 0 0;padding:0;font-size:13px;color:var(--quiet)}
.legend i{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px;vertical-align:-1px}
.legend b{color:var(--text)}
.ranks{list-style:none;margin:8px 0 0;padding:0}
.ranks li{display:grid;grid-template-columns:minmax(120px,380px) 1fr 76px 64px 64px;gap:12px;align-items:center;padding:3px 0}
.ranks .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.ranks svg{width:100%;height:12px}
.figure{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:12px}
figure{margin:0;background:var(--card);border-radius:10px;padding:12px}
figure svg{width:100%;height:auto}
figcaption{font-size:13px;margin-top:4px}
figcaption b{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.picked{max-width:440px}
.before{fill:var(--before);background:var(--before)}.after{fill:none;stroke:var(--after);stroke-width:1.5}
.band{fill:var(--band)}.legend i.band{background:var(--band);border:1px solid var(--int8)}.legend i.after{height:3px;background:var(--after);vertical-align:3px}
label{display:block;margin:16px 0 8px;font-size:14px}
select{font:inherit;max-width:min(100%,520px);padding:5px 8px;border:1px solid var(--line);border-radius:7px;background:var(--card);color:var(--text)}
.trade{width:100%;max-width:500px;height:auto}
.step{fill:var(--float);background:var(--float)}.chosen{fill:var(--int8);background:var(--int8)}circle.float,.legend .floatmark{fill:var(--head);background:var(--head)}
.front{fill:none;stroke:var(--sensitive);stroke-width:1.5;stroke-dasharray:4 3}.legend .frontmark{height:3px;background:var(--sensitive);vertical-align:3px}
table{border-collapse:collapse;font-size:13px;min-width:min(100%,420px)}
th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td{overflow-wrap:anywhere;min-width:88px}td:last-child:not(.figure){min-width:280px}
th{color:var(--quiet);font-weight:500}
th.figure,td.figure{text-align:right;overflow-wrap:normal}
details{border-top:1px solid var(--line);padding:10px 0}
summary{cursor:pointer;font-weight:600}
details .scroll{max-height:70vh;overflow:auto;margin-top:8px}
.facts{font-size:13px;overflow-wrap:anywhere}
@media (max-width:640px){main{padding:20px 14px 48px}h1{font-size:21px}.tiles{grid-template-columns:1fr 1fr}.tiles dd{font-size:20px}.tiles div{padding:10px 12px}.ranks li{grid-template-columns:1fr auto auto;gap:2px 12px;padding:7px 0}.ranks .name,.ranks svg{grid-column:1/-1}.ranks .name+span{display:none}.ranks .figure{text-align:left}.ranks .figure~.figure{text-align:right;min-width:64px}}
`;
