import { start } from "./site.mjs";
const site = await start();
const [,, out="/tmp/s.png", w="1440", h="900", script=""] = process.argv;
const { page, faults } = await site.open({ viewport: { width: +w, height: +h }, colorScheme: process.env.DARK ? "dark" : "light" });
await page.waitForTimeout(1500);
if (script) { await (await import(script)).default(page); await page.waitForTimeout(600); }
await page.screenshot({ path: out });
console.log(faults);
await site.stop();
