"""What a job tells people when it ended without a result: Chinese message ids, translated where they are shown."""


def N_(text: str) -> str:
    """The text itself: the extractor of messages finds the call."""
    return text


INTERRUPTED = N_("处理多次中断，已停下。请重新提交；再出现请联系管理员。")
FAILED = N_("处理多次出错，已停下。请重新提交；再出现请联系管理员。")
