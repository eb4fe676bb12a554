"""The words of the model card around the figures."""

CARD = """\
# Policy: topics and sentiment of financial headlines

Reads one headline, and where asked a target (a company, a currency, a market), and answers with
two distributions: over 20 topics, and over negative, neutral and positive sentiment. Sentiment is
towards the target where there is one: the input reads `[CLS] headline [SEP] target [SEP]`.

## Made from
{made}
- Labels ({rows:,} rows, fingerprint `{fingerprint}`):

| file | licence stated by its authors | SHA-256 |
|---|---|---|
{sources}

Financial PhraseBank was never trained on: its licence is non-commercial.

## Figures
On {validation:,} rows held out of the rows above, cut by text so that no near-duplicate of them
was trained on. The same rows chose the epoch and the temperatures, so the figures are
slightly kind, the calibration error most of all.

| head | rows | accuracy | macro-F1 | ECE |
|---|---|---|---|---|
{figures}

ECE is of the top label in 15 equal bins, after temperatures fitted to the same rows: topic
{temperatures.topic}, sentiment of the headline {temperatures.sentiment}, towards a target
{temperatures.sentiment_target}.
{tuning}{checklist}
## Intended use
Sorting and counting English financial headlines so that a rise in the share of negative ones is
noticed, and showing a person why. A single label is a guess with a stated probability.

## Limits
- English only. The topic labels come from tweets of 2022, part of the sentiment labels from tweets
  of 2019 and from Indian headlines: other years, places and styles are read less well.
- Some topics blur into each other (macro and general news, company news and stock commentary), and
  the rare ones (IPO; gold, metals and materials) were learnt from a few dozen rows.
- "Neutral" means different things to the different annotators of these files.
- Irony, hypotheticals and numbers against expectations that the headline does not state are missed.
- No advice: it knows nothing of prices, and a label is not a forecast.

## Rebuild
```
{command}
```
The same files, seed {seed} and {epochs} epochs give the same curve on the same processor and
library versions; other processors round differently and give slightly other weights.
"""

TUNING = """
## What tuning towards rewards bought
The probabilities are the warm start's. The label is the choice of a policy tuned after it towards a
table of what each answer is worth (policy/rewards.toml: missing bad news costs more than crying
wolf), reckoned with calibrated beliefs of policies that had not seen the rows, and held to the warm
start by its divergence ({divergence:.4f} nats for sentiment). On the held-out rows:

| | likeliest label | label chosen |
|---|---|---|
{rows}
"""

CHECKLIST = """
## Behaviour
Parts of small questions answered as they should be (policy/checklist/, after Ribeiro et al. 2020).
MFT: a plain headline with a known answer. INV: a change that must not change the label. DIR: a
change that must move the probability one way.

| capability | kind | cases | right |
|---|---|---|---|
{rows}
"""
