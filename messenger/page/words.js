// The page's own words; what bots say comes from the bots.
const zh = {
  choose: "选一个人，替他说话", choose_long: "左边选一个人，就可以替他和机器人说话。\n上面可以把日期往后拨，看提醒怎么来。",
  about_none: "点“开始”，和机器人说第一句话。", start: "开始", write: "写消息", typing: "正在输入…", edited: "已编辑", forwarded: "转发的消息",
  day: "+1 天", week: "+7 天", next: "到下一期限", next_on: "把时间拨到下一期限：", no_next: "现在没有等着的期限",
  day_long: "时间前进一天", week_long: "时间前进七天", clock: "时间", now: "现在是", copied: "已复制", copy_by_hand: "请自己复制：",
  file: "文件", photo: "照片", commands: "命令", attach: "发送照片或文件", send: "发送", back: "返回",
  language: "English", language_short: "EN", keypad: "常用按钮", language_long: "换成英文 / Switch to English", language_now: "页面和信使改用中文。自己记着语言的机器人会再问一句",
  failed_clock: "时间没有变，请再试一次", failed: "没有发出去，写好的还在。请再试一次", offline: "连不上，正在重连。写好的不会丢", people: "人", messages: "消息",
  unread: "未读消息", unread_count: "条未读", newest: "到最新一条", remove: "去掉", cancel: "取消", edit: "编辑", editing: "正在编辑：",
  guest: "＋ 新来的人", guest_name: "新来的人", who_opens: "谁来打开这个链接？", ok: "知道了", picture: "照片", close: "关闭",
  too_large: "文件太大：机器人最多收 20 MB", too_many: "一次最多 10 个文件", you: "我",
  keys: "Enter 发送　Shift+Enter 换行　↑ 选按钮　Esc 返回",
};
const en = {
  choose: "Choose who you are", choose_long: "Choose somebody on the left and talk to the bot in their place.\nAbove, move the date on and watch the reminders arrive.",
  about_none: "Press Start to say the first word to the bot.", start: "Start", write: "Message", typing: "typing…", edited: "edited", forwarded: "Forwarded message",
  day: "+1 day", week: "+7 days", next: "Next deadline", next_on: "Move the time to the next deadline: ", no_next: "No deadline is waiting",
  day_long: "Move the time on by one day", week_long: "Move the time on by seven days", clock: "Time", now: "It is now", copied: "Copied", copy_by_hand: "Please copy it yourself: ",
  file: "File", photo: "Photo", commands: "Commands", attach: "Send photos or files", send: "Send", back: "Back",
  language: "中文", language_short: "中文", keypad: "Keyboard", language_long: "换成中文 / Switch to Chinese", language_now: "The page and the messenger speak English. A bot that remembers a language of its own asks once more",
  failed_clock: "The time has not changed. Please try again", failed: "Not sent; what you wrote is still here. Please try again", offline: "No connection, trying again. What you wrote is kept", people: "People", messages: "Messages",
  unread: "Unread messages", unread_count: "unread", newest: "To the newest message", remove: "Remove", cancel: "Cancel", edit: "Edit", editing: "Editing: ",
  guest: "+ Somebody new", guest_name: "Somebody new", who_opens: "Who opens this link?", ok: "OK", picture: "Photo", close: "Close",
  too_large: "The file is too large: bots take up to 20 MB", too_many: "At most 10 files at once", you: "Me",
  keys: "Enter sends · Shift+Enter for a new line · ↑ to the buttons · Esc goes back",
};
export const words = { zh, en };
