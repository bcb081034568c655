"""Lists, feeds, issues and campaigns in plain values, as `--json` and the API tell them: the same names in both."""

from dataclasses import asdict
from typing import Any

from digest.articles.health import Checkup
from digest.model.feed import Feed
from digest.model.finding import Finding
from digest.model.issue import Campaign, Issue, IssueItem
from digest.model.mailing_list import WEEKDAYS, MailingList
from digest.model.message import Account
from digest.pipeline.rehearse import DryRun
from digest.pipeline.report import Report


def describe_list(found: MailingList) -> dict[str, Any]:
    schedule = found.schedule
    return {
        "name": found.name,
        "title": found.title,
        "tagline": found.tagline,
        "from": str(found.sender),
        "reply_to": str(found.reply_to) if found.reply_to else "",
        "postal_address": found.postal_address,
        "list_id": found.list_id,
        "language": found.language,
        "topics": list(found.topics),
        "rhythms": [str(rhythm) for rhythm in found.rhythms],
        "greets_with_issue": found.greets_with_issue,
        "says_goodbye": found.says_goodbye,
        "weekdays": [WEEKDAYS[day] for day in sorted(schedule.weekdays)],
        "at": f"{schedule.at:%H:%M}",
        "zone": schedule.zone,
        "catch_up": schedule.catch_up.value,
        "late_hours": schedule.late_hours,
        "window_days": found.window_days,
        "min_articles": found.min_articles,
        "max_articles": found.max_articles,
        "max_per_feed": found.max_per_feed,
        "send_within_hours": found.send_within_hours,
        "seeds": [str(address) for address in found.seeds],
        "canary_percent": found.canary_percent,
        "canary_refused_percent": found.canary_refused_percent,
        "max_per_topic": found.max_per_topic,
        "half_life_hours": found.half_life_hours,
        "too_few": found.too_few.value,
        "corrections": found.corrections,
        "draft_ahead_hours": found.draft_ahead_hours,
        "editors": [str(address) for address in found.editors],
        "theme": found.theme,
        "brand": [f"{name}={value}" for name, value in found.brand.said().items()],
        "archive": found.archive.value,
        "next_due_at": found.next_due_at,
    }


def describe_feed(feed: Feed, checkup: Checkup) -> dict[str, Any]:
    rhythm = checkup.rhythm.total_seconds() / 86_400 if checkup.rhythm else None
    return asdict(feed) | asdict(checkup) | {"rhythm": rhythm}


def summarise_issue(issue: Issue) -> dict[str, Any]:
    return {
        "id": issue.id,
        "number": issue.number,
        "period": issue.period,
        "state": issue.state,
        "reason": issue.reason,
        "created_at": issue.created_at,
        "published_at": issue.published_at,
        "withdrawn_at": issue.withdrawn_at,
    }


def describe_issue(issue: Issue) -> dict[str, Any]:
    content = issue.content
    return summarise_issue(issue) | {
        "window": [issue.window_from, issue.window_to],
        "lead": content.lead.article.title if content.lead else None,
        "subject": content.subject,
        "intro": content.intro,
        "articles": [_describe_item(section, item) for section, item in placed(issue)],
        "left_out": [
            {"article": left.article_id, "title": left.title, "reason": left.reason} for left in content.left_out
        ],
        "corrections": [
            {"article": each.article_id, "title": each.title, "url": each.url, "number": each.issue_number}
            for each in content.corrections
        ],
    }


def placed(issue: Issue) -> list[tuple[str, IssueItem]]:
    """Each article with its section; the lead, which stands in none, first."""
    lead = [("", issue.content.lead)] if issue.content.lead else []
    return lead + [(section.title, item) for section in issue.content.sections for item in section.items]


def _describe_item(section: str, item: IssueItem) -> dict[str, Any]:
    article = item.article
    return {
        "article": item.article_id,
        "title": article.title,
        "url": article.url,
        "summary": article.summary,
        "section": section,
        "publisher": article.publisher,
        "agency": article.agency,
        "credit": article.picture.credit if article.picture else "",
        "score": item.score,
        "factors": item.factors,
    }


def describe_account(account: Account) -> dict[str, int]:
    return {"audience": account.audience} | {state.value: count for state, count in account.counts.items()}


def describe_campaign(campaign: Campaign, account: Account) -> dict[str, Any]:
    return {
        "issue": campaign.issue_id,
        "state": campaign.state,
        "reason": campaign.reason,
        "account": describe_account(account),
        "balanced": account.balanced,
        "aimed": campaign.aimed,
        "on_trial": campaign.canary is not None,
        "created_at": campaign.created_at,
        "deadline_at": campaign.deadline_at,
        "finished_at": campaign.finished_at,
    }


def describe_report(found: Report) -> dict[str, Any]:
    """Domains and reasons are None until they are added up; `words` are empty for who may not know them."""
    parts = found.breakdown
    return {
        "campaign": describe_campaign(found.campaign, found.account),
        "excluded": dict(found.excluded),
        "domains": None if parts is None else [asdict(each) for each in (*parts.domains, parts.other) if each.messages],
        "reasons": None if parts is None else [asdict(each) for each in parts.reasons],
        "returned": {kind.value: count for kind, count in found.returned.items()},
        "left": list(found.left),
        "left_until_next": found.until_next,
        "why_they_left": dict(found.reasons),
        "words": list(found.words),
    }


def describe_dry_run(found: DryRun) -> dict[str, Any]:
    return {
        "issue": found.issue.id,
        "state": found.issue.state,
        "for": found.issue.period,
        "subject": found.subject,
        "articles": len(found.issue.content.items),
        "aimed": found.aimed,
        "readers": found.audience,
        "excluded": {str(why): count for why, count in found.excluded.items()},
        "editions": [asdict(each) for each in found.editions],
        "differences": [asdict(each) for each in found.differences],
    }


def describe_finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "rule": finding.rule,
        "said": finding.said,
        "where": finding.where,
        "times": finding.times,
    }
