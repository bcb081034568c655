"""Issue or notice → e-mail: templates, one inlining, one MIME skeleton; per message only slots are filled in bytes.

    edition.render_issue, render_confirmation, render_welcome, render_unsubscribed      → Edition, once for all who get the same
    compose.Composer(edition).compose(to, message_id, date, slots)                      → bytes, once per message
    compose.fill_html, fill_text                                                        → the same mail as a page
    lint.lint_mail(lint.read_mail(message))                                             → what is wrong with a mail, in words

Pure but for reading templates. The same input always gives the same bytes.
"""
