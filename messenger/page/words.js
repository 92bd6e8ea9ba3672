// The page's own words; what bots say comes from the bots.
export const words = {
  zh: {
    choose: "选一个人开始", start: "开始", write: "写消息", typing: "正在输入…", edited: "已编辑",
    next: "下一期限", days: "天", copied: "已复制", file: "文件", today: "今天", commands: "命令",
    attach: "发送照片或文件", send: "发送", back: "返回", language: "English", sent: "没有发出去，请再试一次",
  },
  en: {
    choose: "Choose who you are", start: "Start", write: "Message", typing: "typing…", edited: "edited",
    next: "Next deadline", days: "d", copied: "Copied", file: "File", today: "Today", commands: "Commands",
    attach: "Send a photo or file", send: "Send", back: "Back", language: "中文", sent: "Not sent. Please try again",
  },
};
