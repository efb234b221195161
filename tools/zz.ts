import { find } from "./engine";
import { perform, SUITES, misfit } from "../test/suite";
(async()=>{ const [names,groups]=process.argv.slice(2); const sum=new Map<string,string>();
 await Promise.all(names.split(",").map(async name=>{ const e=find(name)!; const t0=Date.now(); let n=0,ok=0;
  for (const k of SUITES.filter(s=>(!groups||groups.split(";").some(g=>s.name.startsWith(g)))&&(process.env.FORCE||!misfit(name,s)))) { const t=Date.now(); const v=await perform(e,k); const dt=Date.now()-t;
   const bad=v.map((x,i)=>x?`    ${k.cases[i].name}: ${x}`:"").filter(Boolean); n+=v.length; ok+=v.length-bad.length;
   if (bad.length||process.env.T) console.log(`${name} | ${k.name} | ${v.length-bad.length}/${v.length} ${dt}ms\n${bad.slice(0,process.env.ALL?99:2).join("\n").slice(0,900)}`.trim()); }
  console.log(`${name}: ${ok}/${n} in ${Date.now()-t0} ms`);
 }));
})();
