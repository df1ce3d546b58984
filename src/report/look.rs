//! How the pages look.

/// All of it. The colours are those of the builder, light and dark.
pub(super) const CSS: &str = "\
:root{color-scheme:light dark;--bg:light-dark(#fff,#14161b);--low:light-dark(#f6f7f9,#1b1e25);\
--line:light-dark(#e1e4ea,#2c313b);--text:light-dark(#1b1f27,#e6e8ed);--muted:light-dark(#596173,#a0a8b7);\
--accent:light-dark(#3457d5,#93a9ff);--bad:light-dark(#b3261e,#ff9c93);--bad-bg:light-dark(#fcebe9,#3c1f1d);\
--wait:light-dark(#8a5300,#efbd68);--wait-bg:light-dark(#fdf1dc,#392b12);--good:light-dark(#17703d,#6fce96);\
--good-bg:light-dark(#e4f4ea,#17301f)}\
*{box-sizing:border-box}\
body{margin:0;background:var(--bg);color:var(--text);font:1rem/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\
header,main,footer{max-width:58rem;margin:0 auto;padding:0 1.25rem}\
header{padding-top:1.25rem;font-size:.875rem}\
footer{padding-block:2.5rem 3rem;color:var(--muted);font-size:.8125rem}\
a{color:var(--accent);text-underline-offset:.2em}\
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}\
h1,h2,h3,p,li,pre,bdi,blockquote,figcaption,summary,nav{overflow-wrap:anywhere}\
td,th{overflow-wrap:break-word}\
h1{margin:.5rem 0 .5rem;font-size:1.625rem;line-height:1.25}\
h2{margin:2.75rem 0 .75rem;font-size:1.1875rem;line-height:1.3}\
h3{margin:1.75rem 0 .375rem;font-size:1rem}\
p{margin:.5rem 0}\
code,pre{font-family:ui-monospace,'SF Mono','Cascadia Code','DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:.875em}\
h1 code{font-size:1em}\
pre{margin:0;padding:.875rem 1rem;border:1px solid var(--line);border-radius:6px;background:var(--low);white-space:pre-wrap;font-size:.8125rem;line-height:1.5}\
figure{margin:.75rem 0}\
figcaption{margin-top:.375rem;font-size:.875rem}\
blockquote{margin:.75rem 0;padding:.125rem 0 .125rem 1rem;border-inline-start:3px solid var(--line);color:var(--muted);white-space:pre-wrap}\
.lead{display:flex;flex-wrap:wrap;gap:.5rem;align-items:baseline;margin-bottom:1rem}\
.tag{padding:.0625rem .5rem;border-radius:4px;background:var(--low);font-size:.875rem;font-weight:550;white-space:nowrap}\
.low{background:var(--good-bg);color:var(--good)}\
.medium{background:var(--wait-bg);color:var(--wait)}\
.high,.critical{background:var(--bad-bg);color:var(--bad)}\
.muted,.odd{color:var(--muted)}\
.small{font-size:.875rem}\
.odd{border:1px solid var(--line);border-radius:3px;font-size:.75em;padding:0 .1875rem}\
table{width:100%;border-collapse:collapse;font-size:.9375rem}\
th,td{padding:.4375rem .75rem .4375rem 0;border-bottom:1px solid var(--line);text-align:start;vertical-align:top}\
th{font-size:.8125rem;color:var(--muted)}\
th[scope=row]{font-size:inherit;color:inherit;font-weight:550}\
details{margin:.5rem 0}\
summary{padding:.25rem 0;cursor:pointer}\
ul{padding-inline-start:1.25rem}\
@media (max-width:40rem){.wide{display:none}}";
