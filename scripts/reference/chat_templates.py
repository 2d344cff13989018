"""Golden conversations: published chat templates rendered by Jinja as transformers sets it up, and their ids.

Run: PYTHON scripts/reference/chat_templates.py   (jinja2 3.1.6, tokenizers 0.23.3; writes Tests/Fixtures/tokenizers/chat_templates.json)

`text` is what apply_chat_template(tokenize=False) gives; `ids` what the tokenizer of Tests/Fixtures/a_models/llama_seqcls makes of
that text without adding tokens. Sources that are rendered alike by one template are alternative published spellings. `unsupported`
are templates that must not be taken for one of them.
"""
import json, os

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VICUNA = ("A chat between a curious user and an artificial intelligence assistant. "
          "The assistant gives helpful, detailed, and polite answers to the user's questions.")
SPLIT_SYSTEM = ("{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}"
                "{% else %}{% set loop_messages = messages %}{% set system_message = SYSTEM %}{% endif %}")
ALTERNATE = ("{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
             "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}")


def llama2(strip):
    return (SPLIT_SYSTEM.replace("SYSTEM", "false") + "{% for message in loop_messages %}" + ALTERNATE +
            "{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
            "{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}"
            f"{{{{ bos_token + '[INST] ' + content{strip} + ' [/INST]' }}}}"
            f"{{% elif message['role'] == 'assistant' %}}{{{{ ' '  + content{strip} + ' ' + eos_token }}}}{{% endif %}}{{% endfor %}}")


def mistral(after):
    return ("{{ bos_token }}{% for message in messages %}" + ALTERNATE + "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
            "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token" + after + "}}{% else %}"
            "{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}")


def controlled(space, trim):
    """Mistral's with tools, which no conversation here has, and the system message in the last turn."""
    return ("{%- if messages[0][\"role\"] == \"system\" %}\n    {%- set system_message = messages[0][\"content\"] %}\n    {%- set loop_messages = messages[1:] %}\n{%- else %}\n"
            "    {%- set loop_messages = messages %}\n{%- endif %}\n{%- if not tools is defined %}\n    {%- set tools = none %}\n{%- endif %}\n"
            "{%- set user_messages = loop_messages | selectattr(\"role\", \"equalto\", \"user\") | list %}\n{{- bos_token }}\n{%- for message in loop_messages %}\n"
            "    {%- if message[\"role\"] == \"user\" %}\n        {%- if tools is not none and (message == user_messages[-1]) %}\n            {{- \"[AVAILABLE_TOOLS]"
            + space + "\" + tools|tojson + \"[/AVAILABLE_TOOLS]\" }}\n        {%- endif %}\n        {%- if loop.last and system_message is defined %}\n"
            "            {{- \"[INST]" + space + "\" + system_message + \"\\n\\n\" + message[\"content\"] + \"[/INST]\" }}\n        {%- else %}\n"
            "            {{- \"[INST]" + space + "\" + message[\"content\"] + \"[/INST]\" }}\n        {%- endif %}\n    {%- elif message[\"role\"] == \"assistant\" %}\n"
            "        {{- " + ("\" \" + " if space else "") + "message[\"content\"]" + trim + " + eos_token}}\n    {%- else %}\n"
            "        {{- raise_exception(\"Only user and assistant roles are supported!\") }}\n    {%- endif %}\n{%- endfor %}\n")


QWEN25 = ("{%- if tools %}\n    {{- '<|im_start|>system\\n' + tools|tojson + '<|im_end|>\\n' }}\n{%- else %}\n    {%- if messages[0]['role'] == 'system' %}\n"
          "        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\n    {%- else %}\n"
          "        {{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}\n    {%- endif %}\n{%- endif %}\n"
          "{%- for message in messages %}\n    {%- if (message.role == \"user\") or (message.role == \"system\" and not loop.first) or (message.role == \"assistant\" and not message.tool_calls) %}\n"
          "        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- endif %}\n{%- endfor %}\n"
          "{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n")
HELPFUL = ("{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}"
           "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
           "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


TEMPLATES = {
    "llama2": [llama2(".strip()"), llama2(" | trim")],
    "llama3": [
        "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ "
        "message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"],
    "llama3.1": [
        "{{- bos_token }}\n{%- set date_string = \"26 Jul 2024\" %}\n{%- if messages[0]['role'] == 'system' %}\n    {%- set system_message = messages[0]['content']|trim %}\n"
        "    {%- set messages = messages[1:] %}\n{%- else %}\n    {%- set system_message = \"\" %}\n{%- endif %}\n{{- \"<|start_header_id|>system<|end_header_id|>\\n\\n\" }}\n"
        "{{- \"Cutting Knowledge Date: December 2023\\n\" }}\n{{- \"Today Date: \" + date_string + \"\\n\\n\" }}\n{{- system_message }}\n{{- \"<|eot_id|>\" }}\n"
        "{%- for message in messages %}\n    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}\n{%- endfor %}\n"
        "{%- if add_generation_prompt %}\n    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}\n{%- endif %}\n"],
    "vicuna": [
        SPLIT_SYSTEM.replace("SYSTEM", '"' + VICUNA + '"') + "{{ bos_token + system_message + ' ' }}{% for message in loop_messages %}{% if message['role'] == 'user' %}"
        "{{ 'USER: ' + message['content'] + ' ' }}{% elif message['role'] == 'assistant' %}{{ 'ASSISTANT: ' + message['content'] + eos_token }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"],
    "chatml": [
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
        "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% for message in messages %}"
        "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"],
    "mistral": [mistral("")],
    "mistral-v0.1": [mistral(" + ' '")],
    "mistral-v3": [controlled(" ", "|trim")],
    "mistral-tekken": [controlled("", "")],
    "chatml-helpful": [HELPFUL],
    "qwen2.5": [QWEN25],
    "zephyr": [
        "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n"
        "{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n"
        "{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"],
    "openchat": [
        "{{ bos_token }}{% for message in messages %}{{ 'GPT4 Correct ' + message['role'].title() + ': ' + message['content'] + '<|end_of_turn|>'}}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'GPT4 Correct Assistant:' }}{% endif %}"],
    "orca": [
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ '### System:\\n' + message['content'] + '\\n\\n' }}{% elif message['role'] == 'user' %}"
        "{{ '### User:\\n' + message['content'] + '\\n\\n' }}{% elif message['role'] == 'assistant' %}{{ '### Assistant:\\n' + message['content'] + eos_token + '\\n\\n' }}{% endif %}"
        "{% endfor %}{% if add_generation_prompt %}{{ '### Assistant:\\n' }}{% endif %}"],
}
UNSUPPORTED = [
    "{{ messages[0]['content'] }}",
    "{% for message in messages %}{{ '<start_of_turn>' + message['role'] + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}",
    HELPFUL.replace("helpful", "friendly"), QWEN25.replace("tools %}", "enable_thinking %}"), controlled(" ", ""),
    controlled("", "").replace("[INST]", "[SYSTEM_PROMPT]"),
    mistral("").replace("'[INST] '", "' [INST] '"),
]
U, A, S = (lambda text: {"role": "user", "content": text}), (lambda text: {"role": "assistant", "content": text}), (lambda text: {"role": "system", "content": text})
CONVERSATIONS = [
    ([U("How do I sleep better?")], True),
    ([S("Answer briefly."), U("I feel tired.")], True),
    ([U("Hi"), A("Hello! How are you?"), U("  Fine, thanks.\n"), A("Good.")], False),
    ([S(" Be kind. "), U("a"), A(" b "), U("c — né 🙂")], True),
]


def stop(message):
    raise TemplateError(message)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
environment.globals["raise_exception"] = stop
tokenizer = Tokenizer.from_file(f"{ROOT}/Tests/Fixtures/a_models/llama_seqcls/tokenizer.json")
rows = []
for name, sources in TEMPLATES.items():
    for source in sources:
        cases = []
        for messages, prompt in CONVERSATIONS:
            try:
                text = environment.from_string(source).render(messages=messages, add_generation_prompt=prompt, bos_token="<s>", eos_token="</s>")
            except TemplateError:  # Mistral's has no system message
                continue
            cases.append({"messages": messages, "add_generation_prompt": prompt, "text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids})
        rows.append({"name": name, "source": source, "cases": cases})
with open(f"{ROOT}/Tests/Fixtures/tokenizers/chat_templates.json", "w") as file:
    json.dump({"templates": rows, "unsupported": UNSUPPORTED}, file, indent=1)
    file.write("\n")
