"""Feishu's own client (lark-oapi), driven by lines of JSON: run by the Python of an environment of
its own, with nothing of ours around it. What it is told comes out as lines of JSON."""

import io
import json
import sys
import threading
from typing import Any

import lark_oapi as lark
from lark_oapi.api.im import v1 as im
from lark_oapi.event.callback.model.p2_card_action_trigger import P2CardActionTriggerResponse


def tell(name: str, told: Any) -> None:
    sys.stdout.write(json.dumps({"name": name, "told": told}) + "\n")
    sys.stdout.flush()


def came(name: str) -> Any:
    return lambda event: tell(name, json.loads(lark.JSON.marshal(event)))


def press(event: Any) -> P2CardActionTriggerResponse:
    came("press")(event)
    return P2CardActionTriggerResponse({"toast": {"type": "info", "content": "收到"}})


def send(client: Any, told: Any) -> Any:
    body = im.CreateMessageRequestBody.builder().receive_id(told["to"]).msg_type(told["kind"])
    body = body.content(told["content"]).uuid(told["uuid"]).build()
    asked = im.CreateMessageRequest.builder().receive_id_type("open_id").request_body(body)
    return client.im.v1.message.create(asked.build())


def change(client: Any, told: Any) -> Any:
    body = im.PatchMessageRequestBody.builder().content(told["content"]).build()
    asked = im.PatchMessageRequest.builder().message_id(told["id"]).request_body(body)
    return client.im.v1.message.patch(asked.build())


def remove(client: Any, told: Any) -> Any:
    asked = im.DeleteMessageRequest.builder().message_id(told["id"]).build()
    return client.im.v1.message.delete(asked)


def image(client: Any, told: Any) -> Any:
    content = io.BytesIO(bytes.fromhex(told["content"]))
    content.name = "picture.png"
    body = im.CreateImageRequestBody.builder().image_type("message").image(content).build()
    return client.im.v1.image.create(im.CreateImageRequest.builder().request_body(body).build())


def file(client: Any, told: Any) -> Any:
    content = io.BytesIO(bytes.fromhex(told["content"]))
    content.name = "paper.bin"
    body = im.CreateFileRequestBody.builder().file_type("stream").file_name(told["called"])
    asked = im.CreateFileRequest.builder().request_body(body.file(content).build())
    return client.im.v1.file.create(asked.build())


def fetch(client: Any, told: Any) -> Any:
    asked = im.GetMessageResourceRequest.builder().message_id(told["id"]).file_key(told["key"])
    return client.im.v1.message_resource.get(asked.type("file").build())


DOES = {"send": send, "change": change, "remove": remove, "image": image, "file": file,
        "fetch": fetch}  # fmt: skip


def obey(client: Any) -> None:
    for line in sys.stdin:
        told = json.loads(line)
        answer = DOES[told["do"]](client, told)
        data = getattr(answer, "data", None)
        content = getattr(answer, "file", None)
        found = json.loads(lark.JSON.marshal(data)) if data is not None else {}
        found |= {"content": content.read().hex()} if content is not None else {}
        tell("done", {"code": answer.code, **found})


def main(url: str, app: str, secret: str) -> None:
    handler = lark.EventDispatcherHandler.builder("", "")
    handler.register_p2_im_message_receive_v1(came("message"))
    handler.register_p2_card_action_trigger(press)
    handler.register_p2_im_chat_access_event_bot_p2p_chat_entered_v1(came("entered"))
    handler.register_p2_application_bot_menu_v6(came("menu"))
    client = lark.Client.builder().app_id(app).app_secret(secret).domain(url).build()
    threading.Thread(target=obey, args=(client,), daemon=True).start()
    try:
        lark.ws.Client(app, secret, event_handler=handler.build(), domain=url).start()
    except Exception as error:
        tell("ended", str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
