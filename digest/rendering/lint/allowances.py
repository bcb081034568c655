"""What may be used though some clients do not know it, since a mail without it is still whole: each with its reason.

For all mails, ours and operators'. What belongs here takes nothing from those who do not see it: no words, no link, no picture, no
way to read them. What would (a grid, a flex box, a position, an uncommon picture format) does not.
"""

_BY_THE_MAIL_ITSELF = "the mail is shown as it is, in light colours, or darkened by the client"
_AS_ELSEWHERE = "the mail is laid out as for wide screens"
_NO_MOVEMENT = "it stands still"
_PLAIN_UNDERLINE = "the line below is an ordinary one"
_ORDINARY_WRAPPING = "lines break where that client breaks them"

PROGRESSIVE: dict[str, str] = {
    "css-accent-color": "controls keep the client's colour",
    "css-animation": _NO_MOVEMENT,
    "css-at-font-face": "the next font of the list is taken",
    "css-at-keyframes": _NO_MOVEMENT,
    "css-at-media": _AS_ELSEWHERE,
    "css-at-media-device-pixel-ratio": _AS_ELSEWHERE,
    "css-at-media-hover": "nothing happens below a pointer",
    "css-at-media-orientation": _AS_ELSEWHERE,
    "css-at-media-prefers-color-scheme": _BY_THE_MAIL_ITSELF,
    "css-at-media-prefers-reduced-motion": "movement that others can switch off stays",
    "css-border-radius": "corners are square",
    "css-box-shadow": "there is no shadow",
    "css-color-scheme": _BY_THE_MAIL_ITSELF,
    "css-cursor": "the pointer looks as it always does",
    "css-font-kerning": "letters stand as the font has them",
    "css-height": "it is as high as what is in it",
    "css-hyphens": _ORDINARY_WRAPPING,
    "css-letter-spacing": "letters stand as the font has them",
    "css-max-height": "it is as high as what is in it",
    "css-min-height": "it is as high as what is in it",
    "css-object-fit": "a picture is squeezed into its frame, not cropped",
    "css-object-position": "a picture is squeezed into its frame, not cropped",
    "css-opacity": "it is solid",
    "css-outline": "there is no outline",
    "css-outline-offset": "there is no outline",
    "css-overflow": "what is too large for its frame is shown whole",
    "css-overflow-wrap": "a word that is too long makes the mail wider",
    "css-pseudo-class-active": "a link looks the same when it is pressed",
    "css-pseudo-class-focus": "the client marks what is chosen",
    "css-pseudo-class-focus-visible": "the client marks what is chosen",
    "css-pseudo-class-hover": "nothing happens below a pointer",
    "css-pseudo-class-link": "links look the same, visited or not",
    "css-pseudo-class-visited": "links look the same, visited or not",
    "css-selector-attribute": "only clients that change mails need such rules",
    "css-sytem-ui": "the next font of the list is taken",
    "css-text-decoration-color": _PLAIN_UNDERLINE,
    "css-text-decoration-skip-ink": _PLAIN_UNDERLINE,
    "css-text-decoration-style": _PLAIN_UNDERLINE,
    "css-text-decoration-thickness": _PLAIN_UNDERLINE,
    "css-text-shadow": "there is no shadow",
    "css-text-underline-offset": _PLAIN_UNDERLINE,
    "css-text-underline-position": _PLAIN_UNDERLINE,
    "css-text-wrap": _ORDINARY_WRAPPING,
    "css-transition": _NO_MOVEMENT,
    "css-user-select": "it can be selected",
    "css-word-break": "a word that is too long makes the mail wider",
    "css-word-wrap": "a word that is too long makes the mail wider",
    "html-aria-describedby": "screen readers read what stands there",
    "html-aria-hidden": "screen readers read it too",
    "html-aria-label": "screen readers read what stands there",
    "html-aria-labelledby": "screen readers read what stands there",
    "html-bdi": "words of another direction may swap places with what stands beside them",
    "html-body": "the wrapper inside, which another rule wants, says the same",
    "html-loading-attribute": "pictures load at once",
    "html-meta-color-scheme": _BY_THE_MAIL_ITSELF,
    "html-srcset": "the picture of src is shown",
    "html-target": "links open where that client opens them",
    "html-wbr": _ORDINARY_WRAPPING,
}
