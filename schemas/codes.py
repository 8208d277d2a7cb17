"""Codes: why a message is not taken as said, what that means and how to mend it; and the name of every limit."""

from __future__ import annotations

from schemas import gate, refusals, values

DOOR: dict[str, tuple[str, str]] = {
    "TOO_LARGE": ("the message has too many bytes", "send a smaller message; leave pictures and attachments out"),
    "UNEXPECTED_FRAMING": ("it begins with a zero byte, as frames of a schema registry do", "send plain JSON"),
    "ENCODING": ("it is not UTF-8 without a byte order mark, or holds half a surrogate pair", "send UTF-8"),
    "CONTROL_CHARACTER": ("it holds a control character other than tab and line end, or a name holds any", "leave it out"),
    "SCHEMA_INVALID": (
        "not JSON, or a required field is missing, or a field has the wrong kind of value",
        "compare it with the schema",
    ),
    "NOT_AN_OBJECT": ("the message or its data is not a JSON object", "send one object for each message"),
    "TOO_DEEP": ("objects and lists are nested too deep", "send a flatter message"),
    "TOO_MANY_KEYS": ("it has too many keys", "send a smaller message"),
    "DUPLICATE_KEY": ("an object has one key twice", "say it once"),
    "NUMBER": ("an integer has too many digits", "write identifiers as text in quotes"),
    "AMOUNT_NOT_STRING": ("an amount, quantity or rate is a JSON number", 'write decimal text in quotes such as "1234.50"'),
    "AMOUNT_FORMAT": ("the text is not an amount, or is a zero with a sign", "no exponent, sign +, spaces or separators"),
    "AMOUNT_RANGE": (
        "too large an amount, or an amount or rate not above zero where it must be",
        "the largest is 10^15 of the smallest unit",
    ),
    "SCALE": ("an amount has more digits after the point than its currency", "round it where it was made, not here"),
    "ALLOCATED_TOO_MUCH": ("the allocations add up to more than the payment", "allocate no more than was paid"),
    "CURRENCY": ("not a current ISO 4217 code with a smallest unit", "write a code such as EUR"),
    "POSITION": ("positions of a source that run backwards", "write the first position lost as from, the last as to"),
    "DATE": ("not a day or time of the calendar from 1990 to 2100, or days that run backwards", 'write "2026-01-31"'),
    "TIMEZONE_REQUIRED": ("a time has no offset", "write Z or an offset such as +01:00 at its end"),
    "ID_CHARSET": ("an identifier or the source has other characters than it may", "see the grammar of identifiers above"),
    "TOO_LONG": ("a text is too long", "send a shorter text"),
    "TOO_MANY_ITEMS": ("a list has too many entries", "send fewer, or several messages"),
    "NO_LINES": ("the document has no lines", "a document has at least one line"),
    "TOO_MANY_LINES": ("the document has too many lines", "split it into several documents"),
    "DUPLICATE_LINE": ("two lines have one number, or two allocations a document", "number lines apart; add allocations up"),
    "UNKNOWN_FIELD": ("a field is not part of this version of the type", "remove it, or publish under a later version"),
    "UNKNOWN_TYPE": ("the type is not part of the contract", "write a type of the contract; requeue after an upgrade"),
    "UNKNOWN_SCHEMA_VERSION": ("the type is known, this version of it is not", "upgrade Postgate, then requeue the message"),
}
"""What cannot be read: code -> what it means, how to mend it. The text of a refusal also names the place."""

BROKER: dict[str, tuple[str, str]] = {
    "TOMBSTONE_NOT_ALLOWED": ("the record has no value, which never deletes anything", "publish a fact that says what changed"),
    "CONTENT_TYPE": ("it is no CloudEvent in JSON, in either mode", "say so in content-type and the ce_ headers"),
    "BATCH_UNREADABLE": ("the batch of records cannot be opened, or is damaged", "publish its messages again"),
    "DECOMPRESSION_BOMB": ("the batch would unpack to more than is ever opened", "publish its messages again in smaller batches"),
    "KILLED_THE_PROCESS": ("whoever read it alone died of it, again and again", "report it; requeue it after an upgrade"),
    "ENGINE_ERROR": ("the engine failed on it", "report it; requeue it after an upgrade"),
}
"""What is set aside because of how it came, or what it did to its reader: code -> what it means, how to mend it."""

ADMISSION: dict[str, tuple[str, str]] = {
    "MESSAGE_ID_REUSED": ("source and id were used before for other content", "give every message an id of its own"),
    "BOOK_ALREADY_OPEN": ("the book was opened with other settings", "open another book, or leave this one as it is"),
    "TIMEZONE_UNKNOWN": ("the book's time zone does not exist", "name one such as Europe/London"),
    "PERIOD_INVALID": ("the period overlaps another or changes its days", "name the same days, or another period"),
    "VERSION_CONFLICT": ("the version was said before with other content", "publish the change under a higher version"),
    "CLASS_INVALID_COMBINATION": ("the class contradicts itself: GENERIC without a shared debtor", "see the fields of a class"),
    "BATCH_EXISTS": ("a batch of this id was run with another scope or date", "give each batch an id of its own"),
    "BATCH_UNKNOWN": ("no batch of this id was run", "look at postgate batch list"),
    "BATCH_EMPTY": ("nothing accumulates in the scope of the batch up to its cut-off", "look at what accumulates"),
    "BATCH_HAS_UNRESOLVED": (
        "documents of the scope up to the cut-off are held or wait",
        "release them first, or acknowledge that they stay behind",
    ),
    "BATCH_TOO_LARGE": ("the documents of a batch or a day add up to more than the largest amount", "run it in parts"),
    "PULL_NOT_ALLOWED": ("the document does not accumulate", "reverse the batch it is in, or look at its state"),
    "DAY_ALREADY_CLOSED": ("the branch has closed the day with other counts", "what comes late posts by itself"),
    "CLASS_INACTIVE": ("the class may not be assigned any more", "assign an active class"),
    "EXTERNAL_REF_IN_USE": ("another account has this id of the accounting system", "merge the two, or correct the reference"),
    "INVOICE_TO_AND_ACCOUNT_BOTH_SET": ("the customer would have two ways to its invoices", "unlink it, or leave invoice_to out"),
    "INVOICE_TO_CHAIN": ("invoice_to names a customer who is invoiced through another, or itself", "name the last one"),
    "HEAD_OFFICE_CHAIN": ("head_office names an account that is a branch of another, or itself", "name the last one"),
    "LINK_TARGET_INACTIVE": ("the account is closed or a draft", "link to an open account, or reopen this one"),
    "LINK_CURRENCY_MISMATCH": ("customer and account trade in two currencies", "link to an account in the customer's"),
    "LINK_ALREADY_EXISTS": ("the customer is linked to another account", "unlink it first"),
    "ALREADY_MERGED": ("the party was merged into another", "merge the survivor instead"),
    "MERGE_CIRCLE": ("the survivor would survive itself", "name another survivor"),
    "CLASS_NOT_ASSIGNED": ("the account has another class than the one taken away", "name the class it has"),
    "DOCUMENT_KIND_CHANGED": ("the id belongs to the other kind of document or payment", "give each document an id of its own"),
    "RELEASE_NOT_ALLOWED": ("the document is not held for this, or only mending it helps", "look at postgate explain"),
    "ALREADY_REVERSED": ("the payment was reversed before, by other words", "nothing to do: it is taken back once"),
    "TRANSFER_KNOWN": ("the transfer was made with other content", "give every transfer an id of its own"),
    "TRANSFER_ACCOUNT_UNUSABLE": (
        "an account is unknown, closed, merged, shared, without an active class or in another currency",
        "open it, give it a class, or name another",
    ),
    "TRANSFER_NOT_OPEN": ("nothing of the document is open on the account it is to leave", "look at postgate balances"),
    "TRANSFER_DATE": ("the day is in the future, or in a period that takes no postings", "name a day of an open period"),
    "REVERSAL_DIFFERS": ("the reversal names another amount than the payment", "reverse all of it, or publish a refund"),
    "TARGET_CONFLICT": ("the accounting system confirmed the posting and now says otherwise", "compare both documents there"),
    "NOTHING_TO_RESOLVE": ("the posting stands in the accounting system as it was told", "look at postgate postings --delivery"),
    "PERIOD_HAS_OPEN_ITEMS": ("documents of the period are not posted yet", "post them first, or close it acknowledged"),
    "RELEASE_ROLE_REQUIRED": ("the book leaves the release of this reason to other roles", "have one of them release it"),
    "FOUR_EYES_REQUIRED": ("who linked or classified may not release", "have somebody else release it"),
    "RUN_BACKWARDS": ("the class was run to a later day before", "run it to that day or a later one"),
    "RUN_IN_FUTURE": ("the day of the run has not come in the book's time zone", "run it when it has"),
    "RUN_CLASS_UNKNOWN": ("the class to run is not defined on that day", "define the class first"),
    "RUN_TERMS_MISSING": ("the class says nothing about interest, or about letters", "revise the class with its terms"),
    "NOT_QUARANTINED": ("the message is not in quarantine", "look at postgate quarantine"),
}
"""What was read but contradicts what is recorded: code -> what it means, how to mend it. It is quarantined too."""

DELIVERIES: dict[str, tuple[str, str]] = {
    "DELIVERY_UNKNOWN": (
        "the posting was sent and no answer came",
        "look its key up in the accounting system and say what is there; send nothing again before",
    ),
    "TARGET_REJECTED": (
        "the accounting system refused the posting, with the code that follows",
        "mend it there and send it again: postgate resolve KEY TARGET SEND_OURS; or correct the document at its source",
    ),
    "TARGET_DOCUMENT_MISSING": (
        "what was booked there is gone",
        "ask who removed it, then postgate resolve: SEND_OURS books it again, ACCEPT_THEIRS leaves it out",
    ),
    "TARGET_DRIFT": (
        "what was booked there was changed by hand",
        "compare both, then postgate resolve: ACCEPT_THEIRS keeps theirs, or undo the change there",
    ),
    "TARGET_ALREADY_PAID": (
        "it was settled there before our payment came",
        "link the payment that is there, then postgate resolve: ACCEPT_THEIRS",
    ),
    "STUCK": (
        "it stands outside the ledger, or without an answer, for longer than it should",
        "look at postgate held --older-than and postgate postings --older-than",
    ),
}
"""Why a posting does not stand in an accounting system as it should, and what has stood too long: meaning, remedy."""

RECEIPTS: dict[str, tuple[str, str]] = {
    "ACCEPTED": ("ACCEPTED", "recorded as said"),
    "DOCUMENT_CONFLICT": ("ACCEPTED", "the version was said before with other content; the document is held"),
    "DUPLICATE_EVENT": ("DUPLICATE", "the same message was accepted before; nothing changes"),
    "DUPLICATE_DOCUMENT": ("DUPLICATE", "another message said the same before; nothing changes"),
    "STALE_VERSION": ("STALE", "a higher version is recorded; nothing changes"),
}
"""What becomes of a message that is neither: code -> verdict, what it means."""

LIMITS: dict[str, tuple[int, str]] = {
    "MESSAGE_BYTES_MAX": (gate.MESSAGE_BYTES_MAX, "bytes of a message, envelope and data together"),
    "DEPTH_MAX": (gate.DEPTH_MAX, "levels of objects and lists"),
    "KEYS_MAX": (gate.KEYS_MAX, "keys in all objects of a message"),
    "INTEGER_DIGITS_MAX": (gate.INTEGER_DIGITS_MAX, "characters of a JSON integer"),
    "ID_LENGTH_MAX": (values.ID_LENGTH_MAX, "characters of an identifier"),
    "NAME_LENGTH_MAX": (values.NAME_LENGTH_MAX, "characters of a name, which stands on one line"),
    "TEXT_LENGTH_MAX": (values.TEXT_LENGTH_MAX, "characters of a text"),
    "LINES_MAX": (values.LINES_MAX, "lines of a document"),
    "TENDERS_MAX": (values.TENDERS_MAX, "tenders of a document"),
    "TAXES_PER_LINE_MAX": (values.TAXES_PER_LINE_MAX, "taxes of a line"),
    "ALLOCATIONS_MAX": (values.ALLOCATIONS_MAX, "documents that one payment settles"),
    "DUNNING_LEVELS_MAX": (values.DUNNING_LEVELS_MAX, "levels of dunning letters"),
    "TRANSFERRED_MAX": (values.TRANSFERRED_MAX, "documents whose open amount one message moves"),
    "MERGED_MAX": (values.MERGED_MAX, "parties merged by one message"),
    "MINOR_UNITS_MAX": (values.MINOR_UNITS_MAX, "of the smallest unit: the largest amount, and the largest sum of lines"),
    "YEAR_MAX": (values.YEAR_MAX, f"the last year a day may be in; the first is {values.YEAR_MIN}"),
    "ERRORS_SHOWN_MAX": (refusals.ERRORS_SHOWN_MAX, "faults that the text of a refusal names"),
    "STEP_SHOWN_MAX": (refusals.STEP_SHOWN_MAX, "characters shown of each step of a place"),
    "SHOWN_CHARACTERS_MAX": (gate.SHOWN_CHARACTERS_MAX, "characters shown of a refused key or number"),
    "PLACED_CHARACTERS_MAX": (
        gate.PLACED_CHARACTERS_MAX,
        "characters of a message in which the place of a refused number is named",
    ),
}
"""Every limit: name -> value, what it counts."""
