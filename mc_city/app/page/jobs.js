// Long work on the page: how far it is, and its buttons. Any window may look at it, pause it and stop it.
import * as api from "./api.js";
import { button, element, mistake, tell } from "./dom.js";

const ALIVE = ["running", "paused", "stopping"];
const COMPILING = "kernels";
const PAUSE_BETWEEN = 500;
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Shows a job in `holder` until it ends; resolves with its last state. `signal` (AbortSignal) ends only the looking. */
export function follow(holder, number, words, signal) {
  const bar = element("progress", { max: 1, "aria-label": words("job.running") });
  const state = element("p", { class: "job-state" });
  const step = element("p", { class: "job-step" });
  const steps = element("ol", { class: "job-steps" });
  const change = (name) => async () => {
    try {
      show((await api.post(`/api/jobs/${number}/${name}`)).job);
    } catch (error) {
      holder.append(mistake(error, words));
    }
  };
  const pause = button(words("job.pause"), change("pause"));
  const resume = button(words("job.resume"), change("resume"));
  const stop = button(words("job.stop"), change("stop"), { class: "quiet" });
  holder.replaceChildren(element("section", { class: "job" }, state, bar, step, steps, element("p", { class: "buttons" }, pause, resume, stop)));
  let said = "";
  /** What a step is called; one that has no words yet by its own name. */
  const named = (name) => (words.has(`step.${name}`) ? words(`step.${name}`) : name);

  function show(job) {
    const percent = words("job.percent", { count: Math.round(100 * job.share) });
    const left = job.left === null ? "" : `, ${words("job.left", { time: words.duration(job.left) })}`;
    const alive = ALIVE.includes(job.state);
    state.textContent = alive ? `${words(`job.${job.state}`)}: ${percent}${left}` : words(`job.${job.state}`);
    // Without a value the bar would move by itself.
    if (job.share > 0 || STILL.matches) bar.value = job.share;
    else bar.removeAttribute("value");
    bar.hidden = !alive;
    const of = job.total > 1 ? ` (${words.number(job.done)} / ${words.number(job.total)})` : "";
    step.textContent = !alive ? "" : job.detail === COMPILING && job.step !== COMPILING
      ? `${named(job.step)}; ${named(COMPILING)}` : `${named(job.step)}${of}`;
    steps.replaceChildren(...job.steps.filter(() => alive).map((name) =>
      element("li", { class: job.passed.includes(name) ? "passed" : name === job.step ? "now" : "", "aria-current": name === job.step ? "step" : null },
        named(name))));
    // A button that is pressed and goes away would take the focus along.
    const focused = document.activeElement;
    pause.hidden = job.state !== "running";
    resume.hidden = job.state !== "paused";
    stop.hidden = !alive || job.state === "stopping";
    if (focused === pause && pause.hidden && !resume.hidden) resume.focus();
    if (focused === resume && resume.hidden && !pause.hidden) pause.focus();
    const heard = `${words(`job.${job.state}`)}, ${named(job.step)}, ${words("job.percent", { count: 10 * Math.floor(10 * job.share) })}`;
    if (heard !== said) tell(heard);
    said = heard;
    return alive;
  }

  return new Promise((kept, broken) => {
    async function look() {
      if (signal?.aborted) return;
      try {
        const { job } = await api.get(`/api/jobs/${number}`);
        if (signal?.aborted) return;
        if (show(job)) setTimeout(look, PAUSE_BETWEEN);
        else {
          if (job.state === "failed") holder.append(mistake(Object.assign(new Error(job.error), { status: 400, hint: job.hint }), words));
          kept(job);
        }
      } catch (error) {
        broken(error);
      }
    }
    look();
  });
}
