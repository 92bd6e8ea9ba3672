// Begins the page, and keeps it in step with the server.
import { refresh } from "/chat.js";
import { showClock } from "/clock.js";
import { close, loadPeople, open } from "/people.js";
import { $, person, state } from "/tools.js";

const AGAIN = 1000;
let wanted = false;
let going = false;

// Many changes in a moment are drawn once.
async function inStep() {
  wanted = true;
  if (going) return;
  going = true;
  try {
    while (wanted) {
      wanted = false;
      await loadPeople();
      if (state.person && !person()) await close();
      await refresh();
      await showClock();
    }
  } catch {
    // The line says when the server is gone.
  } finally {
    going = false;
  }
}

function listen() {
  const socket = new WebSocket(`ws://${location.host}/api/events`);
  let heard = null;
  socket.onmessage = ({ data }) => {
    $("offline").hidden = true;
    const { seq } = JSON.parse(data);
    if (seq !== heard) inStep();
    heard = seq;
  };
  socket.onclose = () => {
    $("offline").hidden = false;
    setTimeout(listen, AGAIN);
  };
}

await loadPeople();
const [id, bot] = location.hash.slice(1).split("/");
if (state.people.some((one) => one.id === id && one.chats.some((its) => its.bot === bot))) await open(id, bot);
await showClock();
listen();
