"""What the service reads and writes; its OpenAPI page is made of this."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recbole_fn.serving.answers import Answer, Question

MOST_K = 1000
Item = Annotated[str, Field(max_length=256)]
History = Annotated[list[Item], Field(max_length=1000)]


class Asked(BaseModel):
    """The body of `POST /recommend`.

    Attributes:
        histories: Items that each user or session has had, the latest last.
        k: Items of a list.
        exclude: `history` leaves out what the user has had; `none` leaves out nothing.

    Example:
        >>> Asked.model_validate_json('{"histories": [["lamp"]], "k": 3}').questions()
        [Question(history=['lamp'], k=3, without_history=True)]
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"example": {"histories": [["lamp", "book"]], "k": 3}},
    )

    histories: Annotated[
        list[History],
        Field(min_length=1, max_length=64, description="items of each user, the latest last"),
    ]
    k: Annotated[int, Field(ge=1, le=MOST_K, description="items of a list")] = 10
    exclude: Annotated[
        Literal["history", "none"], Field(description="history: no item that the user has had")
    ] = "history"

    def questions(self) -> list[Question]:
        """A question for each history."""
        return [Question(one, self.k, self.exclude == "history") for one in self.histories]


class Scored(BaseModel):
    """An item and its score.

    Example:
        >>> Scored(item="lamp", score=0.5).item
        'lamp'
    """

    item: str
    score: float


class RecommendedList(BaseModel):
    """The list that continues a history.

    Attributes:
        items: The items, the best first.
        unknown: Items of the history that the data set does not have.
        popular: Whether these are popular items, because no item of the history is known.

    Example:
        >>> RecommendedList(items=[], unknown=["x"], popular=True).unknown
        ['x']
    """

    items: list[Scored]
    unknown: list[str]
    popular: bool

    @classmethod
    def of(cls, answer: Answer) -> "RecommendedList":
        """The same of an answer."""
        pairs = zip(answer.items, answer.scores, strict=True)
        items = [Scored(item=item, score=score) for item, score in pairs]
        return cls(items=items, unknown=answer.unknown, popular=answer.popular)


class Recommended(BaseModel):
    """The answer of `POST /recommend`: a list for each history, in their order.

    Example:
        >>> Recommended.of([Answer(["pen"], [0.5], [], False)]).lists[0].items[0].item
        'pen'
    """

    lists: list[RecommendedList]

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> "Recommended":
        """The same of answers."""
        return cls(lists=[RecommendedList.of(one) for one in answers])


class Health(BaseModel):
    """The answer of `GET /health`.

    Example:
        >>> Health(status="ok", model="SASRec", dataset="tiny", items=50).status
        'ok'
    """

    status: Literal["ok"]
    model: str
    dataset: str
    items: int


class Items(BaseModel):
    """The answer of `GET /items`: names of items.

    Example:
        >>> Items(items=["lamp"]).items
        ['lamp']
    """

    items: list[str]


class Mistake(BaseModel):
    """A part of a body, and what is wrong with it.

    Example:
        >>> Mistake(loc=["k"], msg="Field required").loc
        ['k']
    """

    loc: Sequence[str | int]
    msg: str


class Mistakes(BaseModel):
    """The answer to a malformed body, with the code 422.

    Example:
        >>> try:
        ...     Asked.model_validate_json("{}")
        ... except ValidationError as error:
        ...     Mistakes.of(error).detail[0].loc
        ['histories']
    """

    detail: list[Mistake]

    @classmethod
    def of(cls, error: ValidationError) -> "Mistakes":
        """What pydantic says, without the values: they may be huge, or no text that can be sent."""
        lines: Sequence[Any] = error.errors(
            include_input=False, include_url=False, include_context=False
        )
        return cls(detail=[Mistake(loc=list(one["loc"]), msg=one["msg"]) for one in lines])
