import { program, SUITES } from "../test/suite";
(async()=>{ const c=()=>process.cpuUsage().user/1000|0; console.log("load",c()); for (const s of SUITES) { const t=c(); await program(s,false); if (c()-t>20) console.log(s.name,c()-t);} console.log(c());
})();
