// What Evolution API does with @figuro/chatwoot-sdk; prints what it was answered as JSON.
import sdk from "@figuro/chatwoot-sdk"
import { readFileSync } from "node:fs"

const [url, token, account, picture] = process.argv.slice(2)
const accountId = Number(account)
const client = new sdk.default({ config: { basePath: url, with_credentials: true, credentials: "include", token } })
const told = {}

const made = await client.inboxes.create({
  accountId,
  data: { name: "WhatsApp", channel: { type: "api", webhook_url: "https://bridge.example.com/hook" } },
})
told.inbox = await client.inboxes.get({ accountId, id: made.id })
told.inboxes = (await client.inboxes.list({ accountId })).payload.length
const contact = await client.contacts.create({
  accountId,
  data: { inbox_id: made.id, name: "Maria Souza", phone_number: "+5511912345678", avatar_url: "", identifier: "5511912345678@s.whatsapp.net" },
})
told.contact = contact.payload.contact
const id = contact.payload.contact.id
told.searched = (await client.contacts.search({ accountId, q: "+5511912345678" })).payload.length
told.filtered = (
  await client.contacts.filter({
    accountId,
    payload: [{ attribute_key: "phone_number", filter_operator: "equal_to", values: ["5511912345678"], query_operator: null }],
  })
).payload.length
await client.contacts.update({ accountId, id, data: { name: "Maria S.", avatar_url: "" } })
const conversation = await client.conversations.create({
  accountId,
  data: { contact_id: `${id}`, inbox_id: `${made.id}` },
})
told.conversation = conversation.id
const conversationId = conversation.id
told.plain = await client.messages.create({
  accountId,
  conversationId,
  data: { content: "Olá 😀", message_type: "incoming", private: false, source_id: "WAID:1", content_attributes: { in_reply_to: 7 } },
})
told.attached = await client.messages.create({
  accountId,
  conversationId,
  data: {
    content: "foto",
    message_type: "incoming",
    attachments: [{ content: readFileSync(picture), encoding: "base64", filename: "foto.png" }],
  },
})
told.listed = (await client.contacts.listConversations({ accountId, id })).payload.map((one) => one.inbox_id)
told.toggled = await client.conversations.toggleStatus({ accountId, conversationId, data: { status: "pending" } })
told.shown = (await client.conversations.get({ accountId, conversationId })).status
told.labels = await client.conversationLabels.add({ accountId, conversationId, data: { labels: ["vip"] } })
console.log(JSON.stringify(told))
