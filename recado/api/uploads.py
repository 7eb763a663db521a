"""Files for the actions of rules and macros."""

from typing import Any

from litestar import post
from litestar.datastructures import UploadFile
from msgspec import Struct

from recado.api.door import ROOT, ApiRequest, invalid, now
from recado.api.fields import UNSET
from recado.api.reading import read
from recado.conversations.models import Upload
from recado.conversations.pages.files import LARGEST_UPLOAD, keep_files
from recado.conversations.uploading import keep_upload
from recado.db.database import Database
from recado.lib.languages import say
from recado.lib.storing import FileStore


class UploadBody(Struct):
    """A file, as multipart in a part named `attachment`."""

    attachment: Any = UNSET


class UploadJson(Struct):
    """A file that a rule may send: `blob_id` goes into the parameters of `send_attachment`."""

    file_url: str
    blob_key: str
    blob_id: str


class FileJson(Struct):
    """A file that a rule or a macro sends; `blob_id` names it when the rule is saved again."""

    id: int
    automation_rule_id: int | None
    file_type: str
    account_id: int
    file_url: str
    blob_id: int
    filename: str


@post(
    f"{ROOT}/upload", status_code=200, opt={"takes": UploadBody},
    request_max_body_size=LARGEST_UPLOAD,
)  # fmt: skip
async def upload_file(request: ApiRequest, database: Database, store: FileStore) -> UploadJson:
    """Keep a file for rules and macros."""
    body = await read(request, UploadBody)
    if not isinstance(body.attachment, UploadFile):
        raise invalid({"attachment": say("Send a file as multipart, as a part named attachment.")})
    [file] = await keep_files(store, [body.attachment])
    async with database.transaction() as tx:
        upload = await keep_upload(tx, request.user.account_id, file, now=now())
        return UploadJson(upload.url, upload.key, upload.key)


def file_json(upload: Upload, rule_id: int | None) -> FileJson:
    """A file as the rule or macro that sends it shows it."""
    return FileJson(
        upload.id, rule_id, upload.content_type, upload.account_id, upload.url, upload.id,
        upload.name,
    )  # fmt: skip


handlers: list[Any] = [upload_file]
