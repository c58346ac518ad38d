"""Who may do what at which address: the table of the matrix test, by hand. Nothing here asks the code under test."""

from __future__ import annotations

from dataclasses import dataclass

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
ROLES = {
    "-": "nobody who has logged in",
    "A": "Author",
    "R": "Medical reviewer",
    "P": "Publisher",
    "N": "staff without any right",
    "S": "superuser",
}
ALL, STAFF, READ, WRITE, SIGN, PUBLISH, CHIEF, NONE = "-ARPNS", "ARPNS", "ARPS", "AS", "RS", "PS", "S", ""


@dataclass(frozen=True)
class Rule:
    """Addresses whose name matches `names` (a regular expression), and what they answer.

    `read` may GET and HEAD and gets `get`; `write` may POST and gets `post`; whoever may not gets `refused`, and
    `stranger` who has not logged in. `others` is for PUT, DELETE and OPTIONS from whoever may read. `takes` names the
    methods an address knows; another one is 405, before anybody's rights are looked at ("" : every method).

    Answers: page (200), login (302 to the login), done (a redirect after something was written), away (a redirect,
    nothing written), or a status. "a|b" means that either is right: which, depends on the state of the object.
    """

    names: str
    read: str
    write: str = NONE
    get: str = "page"
    post: str = "403"
    others: str = "page"
    refused: str = "403"
    stranger: str = "login"
    takes: str = ""

    def expects(self, role: str, method: str) -> str:
        if role == "-" and "-" not in self.read + self.write:
            return self.stranger
        if self.takes and method not in self.takes.split():
            return "405"
        if method == "POST":
            return self.post if role in self.write else self.refused
        if role not in self.read:
            return self.refused
        return self.get if method in ("GET", "HEAD") else self.others


GET, POST, BOTH = "GET HEAD", "POST", "GET HEAD POST"
PARTS = "costs|stages|questions|warning_signs|figures"
WRITTEN = "guide|section|option|claim|source|glossaryterm|image"
KEPT = "revision|publicationevent|edit|feedback|oldaddress"
ACCOUNTS = "auth_user|auth_group|procedures_invitation"

RULES = (
    # readers: nobody has rights, everybody reads, nobody writes. What is not live is not there.
    Rule("reader:live|password_reset_(done|complete)", ALL, takes=GET),
    Rule("reader:none", ALL, get="404", takes=GET),
    Rule("reader:gone", ALL, get="410|404", takes=GET),
    # the ways in; what readers say
    Rule(
        "login|password_reset(_confirm)?|feedback|invitation",
        ALL,
        ALL,
        get="page|away",
        post="page|422",
        others="page|405",
    ),
    Rule("logout", ALL, ALL, get="405", post="page|away", others="page|405"),
    Rule("second_factor", ALL, ALL, get="login|away", post="login|away", takes=BOTH),
    Rule("second_factor_set_up", STAFF, STAFF, post="422", stranger="login|405", takes=BOTH),
    # one's own
    Rule("my_account|procedures_mails", STAFF, STAFF, post="done", takes=BOTH),
    Rule("recovery_codes|second_factor_off", NONE, STAFF, post="away", takes=POST),
    Rule("index|styles|health|jsi18n|password_change(_done)?", STAFF, STAFF, post="page|405", others="page|405"),
    Rule(
        "autocomplete|view_on_site|catch_all",
        STAFF,
        STAFF,
        get="403|404",
        post="403|404|405",
        others="page|403|404|405",
    ),
    Rule("app_list", READ, READ, post="page", refused="404"),
    Rule(".*_object", STAFF, STAFF, get="away", post="away", others="away|405"),
    # the editor: JSON, never a way to the login
    Rule(
        "procedures_(preview|upload|autosave)",
        WRITE,
        WRITE,
        get="405",
        others="405",
        post="page|400|404",
        stranger="403",
    ),
    # nobody, not even a superuser: accounts and records are not deleted, records not written
    Rule(f"({ACCOUNTS})_delete|procedures_({KEPT}|clinic)_(add|delete)|procedures_guide_delete", NONE),
    # accounts: superusers only, whatever permissions somebody was given
    Rule(f"({ACCOUNTS})_(changelist|add|history|change|password_change)", CHIEF, CHIEF, post="page|done|422|403"),
    Rule("auth_user_(close|open|reset_.*)|.*_invitation_(send|revoke)", NONE, CHIEF, post="done|away", takes=POST),
    # what happened
    Rule(f"procedures_({KEPT})_change", READ),
    Rule(f"procedures_({KEPT})_csv", PUBLISH, takes=GET),
    Rule("procedures_guide_(compare|saves)", READ, takes=GET),
    Rule("procedures_guide_(compare|saves)_of_another", READ, get="404", takes=GET),
    Rule("procedures_files", CHIEF, takes=GET),
    # texts. The lists of sections, options and claims lead to the guides, whoever asks; they show nothing themselves.
    Rule(
        f"procedures_({WRITTEN})_(add|delete)|.*_(new_version|bring_back)", WRITE, WRITE, post="page|done|away|409|422"
    ),
    Rule(
        f"procedures_({WRITTEN}|{KEPT}|clinic)_(changelist|history)|.*_claims|.*_share",
        READ,
        READ,
        get="page|away",
        post="page|405|away|done",
        others="page|405|away|done",
        refused="403|405|away",
    ),
    Rule(f"procedures_({WRITTEN})_change|procedures_guide_({PARTS})", READ, WRITE, post="done"),
    Rule("procedures_clinic_change", READ, PUBLISH, post="done"),
    # steps. 409: the text stands where this step cannot start; 422: something to be said is missing.
    Rule("procedures_guide_(order|send)|.*_take_over", NONE, WRITE, post="done|away|409|422", takes=POST),
    Rule("procedures_guide_publish|.*_put_back", NONE, PUBLISH, post="done|away|409", takes=POST),
    Rule(".*_(publish_at|take_down)", PUBLISH, PUBLISH, get="page|away", post="done|away|409|422", others="page|away"),
    Rule(
        "procedures_revision_(sign|send_back)",
        SIGN,
        SIGN,
        get="page|405",
        post="done|409",
        others="405",
        refused="403|405",
    ),
)
"""At most 30; the first one that matches counts."""
