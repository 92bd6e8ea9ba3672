// The date here, and moving it on.
import { $, ZONE, api, day, locale, narrow, say, toast } from "/tools.js";

const long = (date) => {
  const moment = new Date(date);
  const whole = { year: "numeric", month: "long", day: "numeric", timeZone: ZONE };
  const short = { month: "long", day: "numeric", timeZone: ZONE };
  const weekday = moment.toLocaleDateString(locale(), { weekday: "short", timeZone: ZONE });
  return `${moment.toLocaleDateString(locale(), narrow() ? short : whole)} ${weekday}`;
};

export function show(clock) {
  $("date").textContent = long(clock.now);
  $("today").textContent = day(clock.now);
  $("today").setAttribute("aria-label", `${say("clock")} ${long(clock.now)}`);
  for (const id of ["day", "week"]) {
    $(id).textContent = say(id);
    $(id).setAttribute("aria-label", say(`${id}_long`));
    $(id).title = say(`${id}_long`);
  }
  const about = clock.next ? say("next_on") + day(clock.next) : say("no_next");
  $("next").textContent = say("next");
  $("next").disabled = !clock.next;
  $("next").setAttribute("aria-label", about);
  $("next").title = about;
}

export const showClock = async () => show(await api("/api/clock"));

async function move(body) {
  try {
    const clock = await api("/api/clock", body);
    show(clock);
    toast(`${say("now")} ${long(clock.now)}`);
  } catch {
    toast(say("failed_clock"));
  }
}
$("day").onclick = () => move({ advance: "1d" });
$("week").onclick = () => move({ advance: "7d" });
$("next").onclick = () => move({ to: "next" });
document.addEventListener("language", showClock);

// On a phone the controls stay behind the date, so that the head is one row.
function unfold(open) {
  $("time").classList.toggle("open", open);
  $("today").ariaExpanded = String(open);
}
$("today").onclick = () => unfold(!$("time").classList.contains("open"));
document.addEventListener("click", ({ target }) => { if (!target.closest("#time, #today")) unfold(false); });
$("time").onkeydown = (event) => {
  if (event.key !== "Escape" || !narrow()) return;
  unfold(false);
  $("today").focus();
  event.preventDefault();
};
